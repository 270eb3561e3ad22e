"""Audit events as rows."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, String, insert

from authserver.store.tables import events

_APPEND = insert(events)
_WIDTHS = {column.name: column.type.length for column in events.c if isinstance(column.type, String)}


def append(connection: Connection, rows: Sequence[Mapping[str, object]]) -> None:
    """Add rows. Texts are cut to their column: a row that is refused would keep every later one waiting."""
    connection.execute(_APPEND, [{name: _fitting(name, value) for name, value in row.items()} for row in rows])


def _fitting(name: str, value: object) -> object:
    # PostgreSQL holds no NUL, and no text longer than its column; neither holds half a surrogate pair.
    return (
        value.encode(errors="replace").decode().replace("\0", "?")[: _WIDTHS[name]] if isinstance(value, str) else value
    )
