"""Secrets that the server keeps for itself for good, each under a name, sealed under the master key."""

from sqlalchemy import Connection, bindparam, select

from authserver.store.engine.statement import Statement
from authserver.store.engine.upsert import upsert
from authserver.store.tables import kept_secrets as table

_FIND = Statement(select(table.c.sealed).where(table.c.name == bindparam("key")))
_KEEP = upsert(table, lambda row: row.on_conflict_do_nothing())


def find(connection: Connection, name: str) -> bytes | None:
    """The sealed secret of this name, if there is one yet."""
    sealed: bytes | None = _FIND.value(connection, {"key": name})
    return sealed


def keep(connection: Connection, name: str, sealed: bytes) -> None:
    """Keep this one, unless there is one: of many at once one is kept."""
    _KEEP.run(connection, {"name": name, "sealed": sealed})
