"""Bind codes and refresh tokens to a key."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("authorizations", sa.Column("bound_to", sa.String(length=60), nullable=True))


def downgrade() -> None:
    # The release before would take from anyone what is bound to a key.
    op.execute("DELETE FROM authorizations WHERE bound_to IS NOT NULL")
    op.drop_column("authorizations", "bound_to")
