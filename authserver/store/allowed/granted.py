"""The authorizations of a person, one by one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, select, update

from authserver.store.allowed.authorizations import LIVE, WITH_PERSON
from authserver.store.allowed.tables import authorizations
from authserver.store.engine.bytewise import bytewise
from authserver.store.engine.statement import Statement
from authserver.store.place import FIRST, Place, past

_table = authorizations.c
# As Python compares it, by which those of several clients are merged.
_ID = bytewise(_table.id)
_PAGE = Statement(
    select(
        _table.id,
        _table.client_id,
        _table.sid,
        _table.scope,
        _table.audiences,
        _table.api_scopes,
        _table.offline,
        _table.created_at,
        _table.expires_at,
    )
    .select_from(WITH_PERSON)
    .where(
        _table.sub == bindparam("person"),
        _table.client_id == bindparam("client"),
        past(_table.created_at, _ID),
        *LIVE,
    )
    .order_by(_table.created_at.desc(), _ID)
    .limit(bindparam("most"))
)
_NEXT_CLIENT = Statement(
    select(_table.client_id)
    .where(_table.sub == bindparam("person"), _table.client_id > bindparam("last"))
    .order_by(_table.client_id)
    .limit(1)
)
# Of one client among all of a person's, so many are read at a time.
_SOME = 20
_REVOKE = (
    update(authorizations)
    .where(_table.sub == bindparam("person"), _table.revoked_at.is_(None))
    # Its client takes part by it in no session any more: when that ends is none of its business.
    .values(revoked_at=bindparam("now", type_=BigInteger), sid="")
)
_REVOKE_ALL = Statement(_REVOKE.returning(_table.expires_at > bindparam("now", type_=BigInteger)))
_REVOKE_ONE = Statement(_REVOKE.where(_table.id == bindparam("key")).returning(_table.client_id))


@dataclass(frozen=True, slots=True)
class Granted:
    """What a client may do for a person at this moment. Times are seconds since the epoch."""

    id: str
    client_id: str
    sid: str
    scope: tuple[str, ...]
    audiences: tuple[str, ...]
    api_scopes: tuple[str, ...] | None
    offline: bool
    created_at: int
    expires_at: int


def page(
    connection: Connection, sub: str, now: int, *, client_id: str = "", after: Place = FIRST, most: int
) -> list[Granted]:
    """Up to `most` authorizations of a person that hold, of one client or of all, the newest first."""
    values = {"person": sub, "now": now}
    clients = [client_id] if client_id else _clients(connection, sub)
    some = most if client_id else min(most, _SOME)
    ways = [_of_client(connection, {**values, "client": each, "most": some}, after) for each in clients]
    return list(islice(merge(*ways, key=lambda granted: (-granted.created_at, granted.id)), most))


def _clients(connection: Connection, sub: str) -> Iterator[str]:
    """Every client that has an authorization of a person, be it over."""
    last: str | None = ""
    while (last := _NEXT_CLIENT.value(connection, {"person": sub, "last": last})) is not None:
        yield last


def _of_client(connection: Connection, values: Mapping[str, object], after: Place) -> Iterator[Granted]:
    """The authorizations of one client, the newest first, read as they are asked for."""
    while rows := _PAGE.rows(connection, {**values, **after.values}):
        found = [_granted(*row) for row in rows]
        yield from found
        after = Place(found[-1].created_at, found[-1].id)


def _granted(
    key: str, client_id: str, sid: str, scope: str, audiences: str, api_scopes: str | None, *rest: Any
) -> Granted:
    singles = None if api_scopes is None else tuple(api_scopes.split())
    return Granted(key, client_id, sid, tuple(scope.split()), tuple(audiences.split()), singles, *rest)


def revoke(connection: Connection, sub: str, authorization_id: str, now: int) -> str | None:
    """End one authorization of this person with every token it bought; returns its client, None without any to end."""
    client_id: str | None = _REVOKE_ONE.value(connection, {"person": sub, "key": authorization_id, "now": now})
    return client_id


def revoke_all(connection: Connection, sub: str, now: int) -> int:
    """End every authorization of a person; returns how many had not expired."""
    return sum(_REVOKE_ALL.column(connection, {"person": sub, "now": now}))
