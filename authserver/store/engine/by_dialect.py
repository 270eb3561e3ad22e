"""What tables and indexes have with one database alone, and the indexes that stand beside the tables.

SQLAlchemy imports a dialect to take its words, and a server uses one of the two. So this is for what makes the schema
and compares it. No statement needs it.
"""

from typing import Any

from sqlalchemy import Column, ColumnElement, Index

from authserver.store.tables import events, jobs, sessions, user_groups, user_roles, users

# No number is given twice: a sender that comes late must not take a newer job for its own.
jobs.dialect_kwargs["sqlite_autoincrement"] = True


def _partial(name: str, column: Column[Any], where: ColumnElement[bool]) -> Index:
    """An index of those rows alone, in the words of either database."""
    return Index(name, column, sqlite_where=where, postgresql_where=where)


BESIDE_THE_TABLES = (
    _partial("ix_sessions_look_at", sessions.c.look_at, sessions.c.ended_at.is_(None)),
    Index("ix_user_roles_role_sub", user_roles.c.role, user_roles.c.sub),
    Index("ix_user_groups_group_name_sub", user_groups.c.group_name, user_groups.c.sub),
    _partial("ix_users_disabled", users.c.username, users.c.disabled_at.is_not(None)),
    Index("ix_events_name_id", events.c.name, events.c.id),
    Index("ix_events_client_id_name_id", events.c.client_id, events.c.name, events.c.id),
    Index("ix_events_request_id_id", events.c.request_id, events.c.id),
    Index("ix_users_created_at", users.c.created_at),
)
