"""Scopes of APIs."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("authorizations", sa.Column("api_scopes", sa.Text(), nullable=True))
    op.add_column("consents", sa.Column("api_scopes", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    # The release before would take what was narrowed for whole.
    op.execute("DELETE FROM authorizations WHERE api_scopes IS NOT NULL")
    op.drop_column("consents", "api_scopes")
    op.drop_column("authorizations", "api_scopes")
