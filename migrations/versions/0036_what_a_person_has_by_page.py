"""What a person has, by page."""

from alembic import op

from authserver.store.upkeep import indexes

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_MADE = {
    "ix_authorizations_sub_client_id_created_at": "authorizations (sub, client_id, created_at)",
    "ix_sessions_sub_created_at": "sessions (sub, created_at)",
}
INDEXES = {"postgresql": _MADE, "sqlite": _MADE}
# They say nothing that the new ones do not say, to the release before, too; and each yes would be written into both.
_REPLACED = {"ix_authorizations_sub": "authorizations (sub)", "ix_sessions_sub": "sessions (sub)"}


def upgrade() -> None:
    connection = op.get_bind()
    indexes.make(connection, INDEXES[connection.dialect.name])
    for name, on in _REPLACED.items():
        op.drop_index(name, on.partition(" ")[0])


def downgrade() -> None:
    indexes.make(op.get_bind(), _REPLACED)
    for name, on in _MADE.items():
        op.drop_index(name, on.partition(" ")[0])
