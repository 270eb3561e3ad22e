"""Passkeys."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "passkey_offers",
        sa.Column("sub", sa.String(length=32), nullable=False),
        sa.Column("declined_until", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["sub"], ["users.sub"], name=op.f("fk_passkey_offers_sub"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("sub", name=op.f("pk_passkey_offers")),
    )
    op.create_table(
        "passkeys",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("sub", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("credential_id", sa.String(length=1400), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("aaguid", sa.String(length=36), nullable=False),
        sa.Column("transports", sa.String(length=100), nullable=False),
        sa.Column("is_synced", sa.Boolean(), nullable=False),
        sa.Column("is_backed_up", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["sub"], ["users.sub"], name=op.f("fk_passkeys_sub"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
    )
    op.create_index("ix_passkeys_sub", "passkeys", ["sub"])


def downgrade() -> None:
    op.drop_table("passkeys")
    op.drop_table("passkey_offers")
