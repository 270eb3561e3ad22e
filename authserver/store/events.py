"""Audit events as rows."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import islice

from sqlalchemy import Connection, String, bindparam, delete, insert, or_, select, text

from authserver.store.engine.statement import Statement
from authserver.store.tables import events

# No row has a higher number.
_PAST_ALL = 2**62
_APPENDED = ("at", "name", "sub", "client_id", "address", "request_id", "detail")
_APPEND = Statement(insert(events), columns=_APPENDED)
# PostgreSQL takes all rows as one value: it and we spend a fifth of what a statement for each would cost.
_TYPED = ", ".join(f"{name} {'bigint' if name == 'at' else 'text'}" for name in _APPENDED)
_APPEND_ALL = Statement(
    text(
        f"INSERT INTO events ({', '.join(_APPENDED)}) "  # noqa: S608 - names of our columns
        f"SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS given ({_TYPED})"
    ).bindparams(bindparam("rows", type_=String))
)
_DELETE_OLD = Statement(
    delete(events).where(
        events.c.id.in_(select(events.c.id).where(events.c.at <= bindparam("before")).limit(bindparam("batch")))
    )
)
_NEWEST = select(events).order_by(events.c.id.desc()).limit(bindparam("most"))
_LATER, _EARLIER = events.c.id > bindparam("after"), events.c.id < bindparam("row")
_ABOUT = {column: events.c[column] == bindparam(column) for column in ("sub", "client_id", "name", "request_id")}
_BEGINS = events.c.name.startswith(bindparam("name"))
# Each by an index that has its rows in the order of their numbers, so that the newest are read and no others.
_between = _NEWEST.where(_LATER, _EARLIER)
_OF_ALL = Statement(_between)
_of_any_client = or_(bindparam("client_id") == "", _ABOUT["client_id"])
_OF_PERSON = Statement(_between.where(_ABOUT["sub"], _of_any_client, _BEGINS))
_of_anybody = or_(bindparam("sub") == "", _ABOUT["sub"])
_OF_REQUEST = Statement(_between.where(_ABOUT["request_id"], _of_anybody, _of_any_client, _BEGINS))
_OF_NAME = Statement(_between.where(_ABOUT["name"]))
_OF_CLIENT = Statement(_between.where(_ABOUT["name"], _ABOUT["client_id"]))
_next_name = select(events.c.name).where(events.c.name > bindparam("last")).order_by(events.c.name).limit(1)
_NEXT_NAME, _NEXT_NAME_OF_CLIENT = Statement(_next_name), Statement(_next_name.where(_ABOUT["client_id"]))
_times = select(events.c.at).where(_ABOUT["name"]).order_by(events.c.id.desc()).limit(bindparam("most"))
_TIMES, _TIMES_OF_CLIENT = Statement(_times), Statement(_times.where(_ABOUT["client_id"]))
_TIMES_AND_DETAILS = Statement(_times.with_only_columns(events.c.at, events.c.detail))
MOST_TIMES = 10_000
# Of each name, so many are read at a time.
_SOME = 200
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
class EventFilter:
    """Which events: of a name or its beginning (`user:login:`), a person, a client, a request; empty means all."""

    name: str = ""
    sub: str = ""
    client_id: str = ""
    request_id: str = ""


def as_kept(request_id: str | None) -> str | None:
    """A request ID as rows have it: what is longer than the column is a UUID of a proxy, whose hyphens say nothing."""
    if request_id is None or len(request_id) <= (_WIDTHS["request_id"] or 0):
        return request_id
    return request_id.replace("-", "")


def append(connection: Connection, rows: Sequence[Mapping[str, object]]) -> None:
    """Add rows; what one leaves out is null.

    Texts are cut to their column: a row that is refused would keep every later one waiting.
    """
    fitting = [{name: _fitting(name, row.get(name)) for name in _APPENDED} for row in rows]
    if connection.dialect.name == "postgresql":
        _APPEND_ALL.run(connection, {"rows": json.dumps(fitting)})
    else:
        _APPEND.run_each(connection, fitting)


def newest(connection: Connection, wanted: EventFilter, most: int, after: int = 0) -> list[Event]:
    """The last `most` events past the row `after`, oldest first."""
    return _found(connection, wanted, most, after, _PAST_ALL)[::-1]


def earlier(connection: Connection, wanted: EventFilter, most: int, row: int) -> list[Event]:
    """Up to `most` events that came before the row, the newest first."""
    return _found(connection, wanted, most, 0, row)


def _found(connection: Connection, wanted: EventFilter, most: int, after: int, row: int) -> list[Event]:
    values = {"most": most, "after": after, "row": row, "sub": wanted.sub, "client_id": wanted.client_id}
    if wanted.request_id:
        values |= {"request_id": as_kept(wanted.request_id), "name": wanted.name}
        return [Event(*each) for each in _OF_REQUEST.rows(connection, values)]
    if wanted.sub:
        return [Event(*each) for each in _OF_PERSON.rows(connection, {**values, "name": wanted.name})]
    if not (wanted.client_id or wanted.name):
        return [Event(*each) for each in _OF_ALL.rows(connection, values)]
    ways = [_of_name(connection, wanted, name, values) for name in _names(connection, wanted)]
    return list(islice(merge(*ways, key=lambda event: event.id, reverse=True), most))


def _of_name(connection: Connection, wanted: EventFilter, name: str, values: Mapping[str, object]) -> Iterator[Event]:
    """Events of one name, the newest first, read as they are asked for."""
    statement = _OF_CLIENT if wanted.client_id else _OF_NAME
    given = {**values, "name": name, "most": min(_SOME, int(str(values["most"])))}
    while rows := statement.rows(connection, given):
        yield from (Event(*row) for row in rows)
        given["row"] = rows[-1][0]


def _names(connection: Connection, wanted: EventFilter) -> Iterator[str]:
    """The names that events of a client, or all, have and that begin as wanted."""
    statement = _NEXT_NAME_OF_CLIENT if wanted.client_id else _NEXT_NAME
    last = ""
    while (name := statement.value(connection, {"last": last, "client_id": wanted.client_id})) is not None:
        if name.startswith(wanted.name):
            yield name
        last = name


def times(
    connection: Connection, name: str, since: int, most: int = MOST_TIMES, client_id: str = ""
) -> tuple[list[int], bool]:
    """When the events of a name happened, from `since` on, in seconds since the epoch, the newest first.

    `most` at most, of one client or of all; says whether there are more.
    """
    statement = _TIMES_OF_CLIENT if client_id else _TIMES
    found = statement.column(connection, {"name": name, "client_id": client_id, "most": most + 1})
    kept = [at for at in found[:most] if at >= since]
    return kept, len(found) > most and found[most - 1] >= since


def times_for_api(
    connection: Connection, name: str, since: int, api: str, most: int = MOST_TIMES
) -> tuple[list[int], bool]:
    """As `times`, of the events whose detail names this API; the newest `most` of all APIs are looked at."""
    found = _TIMES_AND_DETAILS.rows(connection, {"name": name, "most": most + 1})
    kept = [at for at, detail in found[:most] if at >= since and json.loads(detail).get("api") == api]
    return kept, len(found) > most and found[most - 1][0] >= since


def delete_older(connection: Connection, before: int, limit: int) -> int:
    """Remove up to `limit` events of the second `before` and earlier; returns how many."""
    return _DELETE_OLD.run(connection, {"before": before, "batch": limit})


def _fitting(name: str, value: object) -> object:
    # PostgreSQL holds no NUL, and no text longer than its column; neither holds half a surrogate pair.
    return (
        value.encode(errors="replace").decode().replace("\0", "?")[: _WIDTHS[name]] if isinstance(value, str) else value
    )
