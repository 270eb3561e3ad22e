"""Who made the schema, and which releases can work on it."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# Releases that know this revision can work on what it makes; those before it did not ask.
WORKS_FROM = "0012"


def upgrade() -> None:
    op.add_column("alembic_version", sa.Column("release", sa.String(64), nullable=True))
    op.add_column("alembic_version", sa.Column("works_from", sa.String(32), nullable=True))
