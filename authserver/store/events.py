"""Audit events as rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, String, bindparam, delete, insert, or_, select

from authserver.store.tables import events

_APPEND = insert(events)
_DELETE_OLD = delete(events).where(
    events.c.id.in_(select(events.c.id).where(events.c.at <= bindparam("before")).limit(bindparam("batch")))
)
_WANTED = (
    *(or_(bindparam(column) == "", events.c[column] == bindparam(column)) for column in ("sub", "client_id")),
    or_(bindparam("name") == "", events.c.name.startswith(bindparam("name"))),
)
_NEWEST = select(events).where(*_WANTED).order_by(events.c.id.desc()).limit(bindparam("most"))
_FIND = _NEWEST.where(events.c.id > bindparam("after"))
_EARLIER = _NEWEST.where(events.c.id < bindparam("row"))
_WIDTHS = {column.name: column.type.length for column in events.c if isinstance(column.type, String)}


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `at` is seconds since the epoch; `detail` is a JSON object."""

    id: int
    at: int
    name: str
    sub: str | None
    client_id: str | None
    address: str | None
    request_id: str | None
    detail: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events: of a name or its beginning (`user:login:`), of a person, of a client; empty means all."""

    name: str = ""
    sub: str = ""
    client_id: str = ""


def append(connection: Connection, rows: Sequence[Mapping[str, object]]) -> None:
    """Add rows. Texts are cut to their column: a row that is refused would keep every later one waiting."""
    connection.execute(_APPEND, [{name: _fitting(name, value) for name, value in row.items()} for row in rows])


def newest(connection: Connection, wanted: Wanted, most: int, after: int = 0) -> list[Event]:
    """The last `most` events past the row `after`, oldest first."""
    values = {"most": most, "after": after, "name": wanted.name, "sub": wanted.sub, "client_id": wanted.client_id}
    return [Event(*row) for row in connection.execute(_FIND, values)][::-1]


def earlier(connection: Connection, wanted: Wanted, most: int, row: int) -> list[Event]:
    """Up to `most` events that came before the row, the newest first."""
    values = {"most": most, "row": row, "name": wanted.name, "sub": wanted.sub, "client_id": wanted.client_id}
    return [Event(*each) for each in connection.execute(_EARLIER, values)]


def delete_older(connection: Connection, before: int, limit: int) -> int:
    """Remove up to `limit` events of the second `before` and earlier; returns how many."""
    return connection.execute(_DELETE_OLD, {"before": before, "batch": limit}).rowcount


def _fitting(name: str, value: object) -> object:
    # PostgreSQL holds no NUL, and no text longer than its column; neither holds half a surrogate pair.
    return (
        value.encode(errors="replace").decode().replace("\0", "?")[: _WIDTHS[name]] if isinstance(value, str) else value
    )
