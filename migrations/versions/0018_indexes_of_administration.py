"""Indexes of administration."""

from alembic import op

from authserver.store.upkeep import indexes

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_EVERYWHERE = {
    "ix_user_roles_role_sub": "user_roles (role, sub)",
    "ix_user_groups_group_name_sub": "user_groups (group_name, sub)",
    "ix_users_disabled": "users (username) WHERE disabled_at IS NOT NULL",
    "ix_events_name_id": "events (name, id)",
    "ix_events_client_id_name_id": "events (client_id, name, id)",
}


_OF_POSTGRESQL = {
    "ix_users_name_prefix": 'users (lower(name) COLLATE "C", sub COLLATE "C")',
    "ix_users_username_prefix": 'users (username COLLATE "C")',
    "ix_users_email_key_prefix": 'users (email_key COLLATE "C")',
}
# What is unique has an index there already, in the order of bytes.
_OF_SQLITE = {"ix_users_name_prefix": "users (name COLLATE NOCASE, sub)"}
INDEXES = {"postgresql": _EVERYWHERE | _OF_POSTGRESQL, "sqlite": _EVERYWHERE | _OF_SQLITE}


def upgrade() -> None:
    connection = op.get_bind()
    indexes.make(connection, INDEXES[connection.dialect.name])
