"""People who were told of a second factor."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

# Whoever was told is told again.
NO_LOSS = ("factor_notices",)


def upgrade() -> None:
    op.create_table(
        "factor_notices",
        sa.Column("sub", sa.String(length=32), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["sub"], ["users.sub"], name=op.f("fk_factor_notices_sub"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("sub", name=op.f("pk_factor_notices")),
    )


def downgrade() -> None:
    op.drop_table("factor_notices")
