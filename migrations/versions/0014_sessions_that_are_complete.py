"""Sessions that are complete."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# A release that does not know the column takes one that is not complete for a session, and completes none of its own.
WORKS_FROM = "0014"


def upgrade() -> None:
    op.add_column("sessions", sa.Column("completed_at", sa.BigInteger(), nullable=True))
    # Until now a session began with all that was asked of the person.
    op.execute("UPDATE sessions SET completed_at = created_at")
