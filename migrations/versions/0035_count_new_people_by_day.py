"""Count new people by day."""

from alembic import op

from authserver.store.upkeep import indexes

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_MADE = {"ix_users_created_at": "users (created_at)"}
INDEXES = {"postgresql": _MADE, "sqlite": _MADE}


def upgrade() -> None:
    connection = op.get_bind()
    indexes.make(connection, INDEXES[connection.dialect.name])


def downgrade() -> None:
    op.drop_index("ix_users_created_at", "users")
