"""Every standard claim about a person."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("middle_name", sa.String(length=100), nullable=True))
    op.add_column("users", sa.Column("nickname", sa.String(length=100), nullable=True))
    op.add_column("users", sa.Column("profile", sa.String(length=2000), nullable=True))
    op.add_column("users", sa.Column("website", sa.String(length=2000), nullable=True))
    op.add_column("users", sa.Column("gender", sa.String(length=100), nullable=True))
    op.add_column("users", sa.Column("birthdate", sa.String(length=10), nullable=True))
    op.add_column("users", sa.Column("address", sa.Text(), nullable=True))
    op.add_column("users", sa.Column("phone_number", sa.String(length=16), nullable=True))
    # Not in a batch, which would make the table anew on SQLite, and with the old one delete what belongs to people.
    op.add_column("users", sa.Column("phone_number_verified", sa.Boolean(), server_default=sa.false(), nullable=False))
