"""The clients that a person has given access to: from their consents and the authorizations that live."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Select, String, Table, bindparam, func, select, union_all, update

from authserver.store.allowed.authorizations import LIVE, WITH_PERSON
from authserver.store.allowed.consents import forget
from authserver.store.allowed.tables import authorizations, consents, refresh_tokens
from authserver.store.engine.statement import Statement

_granted = authorizations.c
_LAST_REFRESH = (
    select(func.max(refresh_tokens.c.issued_at))
    .where(refresh_tokens.c.authorization_id == _granted.id)
    .correlate(authorizations)
    .scalar_subquery()
)
# Of one client, so many of the newest authorizations are looked at.
LOOKED_AT = 200
_AUTHORIZED = Statement(
    select(
        _granted.scope,
        _granted.audiences,
        _granted.api_scopes,
        _granted.created_at,
        func.coalesce(_LAST_REFRESH, _granted.code_redeemed_at, _granted.created_at).label("used_at"),
    )
    .select_from(WITH_PERSON)
    .where(_granted.sub == bindparam("person"), _granted.client_id == bindparam("client"), *LIVE)
    .order_by(_granted.created_at.desc())
    .limit(LOOKED_AT)
)
_CONSENTED = Statement(
    select(consents.c.scope, consents.c.audiences, consents.c.api_scopes, consents.c.granted_at).where(
        consents.c.sub == bindparam("person"), consents.c.client_id == bindparam("client")
    )
)


def _next_in(table: Table) -> Select[Any]:
    """The first client past another that a person has there."""
    return select(
        select(func.min(table.c.client_id))
        .where(table.c.sub == bindparam("person"), table.c.client_id > bindparam("last", type_=String))
        .scalar_subquery()
        .label("client_id")
    )


_both = union_all(_next_in(authorizations), _next_in(consents)).subquery()
_NEXT_CLIENT = Statement(select(func.min(_both.c.client_id)))
_REVOKE = Statement(
    update(authorizations)
    .where(
        _granted.sub == bindparam("person"), _granted.client_id == bindparam("client"), _granted.revoked_at.is_(None)
    )
    # It takes part in no session any more: when that ends is none of its business.
    .values(revoked_at=bindparam("now"), sid="")
)


@dataclass(frozen=True, slots=True)
class Application:
    """What a client may do for a person, since when, and when it last did. Times are seconds since the epoch.

    The APIs with these audiences it may call as a whole, of others it has these scopes, as `Api.scope` writes them.
    """

    client_id: str
    scope: frozenset[str]
    audiences: frozenset[str]
    api_scopes: frozenset[str]
    since: int
    last_used: int | None


def of_person(connection: Connection, sub: str, now: int, after: str = "") -> Iterator[Application]:
    """The clients with access, by their id, past one; read as they are asked for."""
    last: str | None = after
    while (last := _NEXT_CLIENT.value(connection, {"person": sub, "last": last})) is not None:
        found = of_client(connection, sub, last, now)
        if found is not None:
            yield found


def page(connection: Connection, sub: str, now: int, *, after: str = "", most: int) -> list[Application]:
    """Up to `most` of them."""
    return list(islice(of_person(connection, sub, now, after), most))


def of_client(connection: Connection, sub: str, client_id: str, now: int) -> Application | None:
    """The access of one client; None where it has none."""
    values = {"person": sub, "client": client_id, "now": now}
    found = []
    for scope, audiences, api_scopes, granted_at in _CONSENTED.rows(connection, values):
        found.append(_application(client_id, scope, audiences, api_scopes, granted_at, None))
    for scope, audiences, api_scopes, *times in _AUTHORIZED.rows(connection, values):
        whole = audiences if api_scopes is None else ""
        found.append(_application(client_id, scope, whole, api_scopes or "", *times))
    return reduce(_merged, found) if found else None


def withdraw(connection: Connection, sub: str, client_id: str, now: int) -> bool:
    """Take all access back: authorizations end with their tokens, and the consent is forgotten. False if none was."""
    values = {"person": sub, "client": client_id, "now": now}
    # First, so that a yes which rests on it is written before, and revoked below, or not at all.
    forgotten = forget(connection, sub, client_id)
    return _REVOKE.run(connection, values) > 0 or forgotten


def _application(
    client_id: str, scope: str, audiences: str, api_scopes: str, since: int, last_used: int | None
) -> Application:
    words, whole, singles = (frozenset(each.split()) for each in (scope, audiences, api_scopes))
    return Application(client_id, words, whole, singles, since, last_used)


def _merged(one: Application, other: Application) -> Application:
    return Application(
        one.client_id,
        one.scope | other.scope,
        one.audiences | other.audiences,
        one.api_scopes | other.api_scopes,
        min(one.since, other.since),
        _latest((one.last_used, other.last_used)),
    )


def _latest(times: Iterable[int | None]) -> int | None:
    return max((time for time in times if time is not None), default=None)
