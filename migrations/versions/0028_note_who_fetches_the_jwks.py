"""Note who fetches the JWKS."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None
# They come again.
NO_LOSS = ("jwks_readers",)


def upgrade() -> None:
    op.create_table(
        "jwks_readers",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("user_agent", sa.String(length=200), nullable=False),
        sa.Column("hint", sa.String(length=200), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_jwks_readers")),
    )
    op.create_index(op.f("ix_jwks_readers_last_at"), "jwks_readers", ["last_at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_jwks_readers_last_at"), table_name="jwks_readers")
    op.drop_table("jwks_readers")
