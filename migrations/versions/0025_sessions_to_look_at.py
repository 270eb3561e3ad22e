"""Sessions to look at."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# Who does not know it looks at every session.
NO_LOSS = ("sessions.look_at",)


def upgrade() -> None:
    # 0: soon, by whichever node cleans next.
    op.add_column("sessions", sa.Column("look_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.create_index(
        "ix_sessions_look_at",
        "sessions",
        ["look_at"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_sessions_look_at", "sessions")
    op.drop_column("sessions", "look_at")
