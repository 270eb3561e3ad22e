"""Disabled clients."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("registered_clients", sa.Column("disabled_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    # The release before would let them in.
    op.execute("DELETE FROM registered_clients WHERE disabled_at IS NOT NULL")
    op.drop_column("registered_clients", "disabled_at")
