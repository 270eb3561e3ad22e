"""Second factors."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recovery_codes",
        sa.Column("sub", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["sub"], ["users.sub"], name=op.f("fk_recovery_codes_sub"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("sub", "digest", name=op.f("pk_recovery_codes")),
    )
    op.create_table(
        "totp",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("sub", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["sub"], ["users.sub"], name=op.f("fk_totp_sub"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_totp")),
    )
    op.create_index("ix_totp_sub", "totp", ["sub"])
    op.add_column("devices", sa.Column("trusted_until", sa.BigInteger(), nullable=True))
    op.add_column("sessions", sa.Column("factor_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("sessions", "factor_at")
    op.drop_column("devices", "trusted_until")
    op.drop_table("totp")
    op.drop_table("recovery_codes")
