"""The authorizations of a person, one by one."""

from dataclasses import dataclass

from sqlalchemy import BigInteger, Connection, bindparam, or_, select, update

from authserver.store.allowed.authorizations import LIVE, WITH_PERSON
from authserver.store.allowed.tables import authorizations
from authserver.store.engine.statement import Statement
from authserver.store.place import FIRST, Place, past

_table = authorizations.c
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
        or_(bindparam("client") == "", _table.client_id == bindparam("client")),
        past(_table.created_at, _table.id),
        *LIVE,
    )
    .order_by(_table.created_at.desc(), _table.id)
    .limit(bindparam("most"))
)
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
    values = {"person": sub, "now": now, "client": client_id, "most": most, **after.values}
    return [
        Granted(
            key,
            client_id,
            sid,
            tuple(scope.split()),
            tuple(audiences.split()),
            None if api_scopes is None else tuple(api_scopes.split()),
            *rest,
        )
        for key, client_id, sid, scope, audiences, api_scopes, *rest in _PAGE.rows(connection, values)
    ]


def revoke(connection: Connection, sub: str, authorization_id: str, now: int) -> str | None:
    """End one authorization of this person with every token it bought; returns its client, None without any to end."""
    client_id: str | None = _REVOKE_ONE.value(connection, {"person": sub, "key": authorization_id, "now": now})
    return client_id


def revoke_all(connection: Connection, sub: str, now: int) -> int:
    """End every authorization of a person; returns how many had not expired."""
    return sum(_REVOKE_ALL.column(connection, {"person": sub, "now": now}))
