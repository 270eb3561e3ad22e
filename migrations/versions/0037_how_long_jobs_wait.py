"""How long jobs of a kind wait."""

from alembic import op

from authserver.store.upkeep import indexes

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_MADE = {"ix_jobs_kind_created_at": "jobs (kind, created_at)"}
INDEXES = {"postgresql": _MADE, "sqlite": _MADE}


def upgrade() -> None:
    connection = op.get_bind()
    indexes.make(connection, INDEXES[connection.dialect.name])


def downgrade() -> None:
    op.drop_index("ix_jobs_kind_created_at", "jobs")
