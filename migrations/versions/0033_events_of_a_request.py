"""Events of a request."""

from alembic import op

from authserver.store.upkeep import indexes

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_MADE = {"ix_events_request_id_id": "events (request_id, id)"}
INDEXES = {"postgresql": _MADE, "sqlite": _MADE}


def upgrade() -> None:
    connection = op.get_bind()
    indexes.make(connection, INDEXES[connection.dialect.name])


def downgrade() -> None:
    op.drop_index("ix_events_request_id_id", "events")
