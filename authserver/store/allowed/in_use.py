"""What clients have in use: looked at before clients.yaml changes, never on the way of a request."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Column, Connection, bindparam, func, select

from authserver.store.allowed.authorizations import LIVE, WITH_PERSON, holding
from authserver.store.allowed.tables import authorizations
from authserver.store.engine.statement import Statement
from authserver.store.tables import sessions, users

_table = authorizations.c
_LIVING = Statement(
    select(_table.client_id, func.count(_table.sub.distinct()), func.count())
    .select_from(WITH_PERSON)
    .where(_table.client_id.in_(bindparam("clients", expanding=True)), *LIVE)
    .group_by(_table.client_id)
)


def _living_by(column: Column[Any]) -> Statement:
    return Statement(
        select(column, func.count())
        .select_from(WITH_PERSON)
        .where(_table.client_id == bindparam("client"), *LIVE)
        .group_by(column)
    )


_SCOPES, _AUDIENCES = _living_by(_table.scope), _living_by(_table.audiences)
# Not only of those that live: whoever signs in again tomorrow comes with the same address.
_REDIRECT_URIS = Statement(
    select(_table.redirect_uri, func.count())
    .where(_table.client_id == bindparam("client"), _table.redirect_uri.is_not(None))
    .group_by(_table.redirect_uri)
)


# For a page: of so many authorizations, those that end last, it looks which are the client's. There is no index of
# clients, and a page does not read a million.
MOST_LOOKED_AT = 10_000
_latest = (
    select(authorizations)
    .where(_table.expires_at > bindparam("now", type_=BigInteger))
    .order_by(_table.expires_at.desc())
    .limit(MOST_LOOKED_AT)
)
_seen = _latest.subquery()
_PEOPLE = Statement(
    select(func.count(_seen.c.sub.distinct()))
    .select_from(_seen.join(users, users.c.sub == _seen.c.sub).outerjoin(sessions, sessions.c.sid == _seen.c.sid))
    .where(_seen.c.client_id == bindparam("client"), *holding(_seen.c))
)
_LOOKED_AT = Statement(select(func.count()).select_from(_latest.with_only_columns(_table.id).subquery()))


class SomePeople(NamedTuple):
    """How many people have access through a client; `or_more` where not every authorization was looked at."""

    number: int
    or_more: bool


class Living(NamedTuple):
    """How many people have access through a client, and by how many authorizations."""

    people: int
    authorizations: int


NOBODY = Living(0, 0)


def living(connection: Connection, clients: Iterable[str], now: int) -> dict[str, Living]:
    """Who has access through each of these clients at `now`, in seconds since the epoch; none where nobody has."""
    wanted = list(clients)
    if not wanted:
        return {}
    rows = _LIVING.rows(connection, {"clients": wanted, "now": now})
    return {client_id: Living(people, count) for client_id, people, count in rows}


def people(connection: Connection, client_id: str, now: int) -> SomePeople:
    """Who has access through a client at `now`, in seconds since the epoch, as far as a page can wait for it."""
    found = _PEOPLE.value(connection, {"client": client_id, "now": now}) or 0
    return SomePeople(int(found), (_LOOKED_AT.value(connection, {"now": now}) or 0) >= MOST_LOOKED_AT)


def scopes(connection: Connection, client_id: str, now: int) -> dict[str, int]:
    """The scopes of its living authorizations, each with how many have exactly these."""
    return dict(_SCOPES.rows(connection, {"client": client_id, "now": now}))


def audiences(connection: Connection, client_id: str, now: int) -> dict[str, int]:
    """The audiences of its living authorizations, each with how many have exactly these."""
    return dict(_AUDIENCES.rows(connection, {"client": client_id, "now": now}))


def redirect_uris(connection: Connection, client_id: str) -> dict[str, int]:
    """The addresses to which people returned, each with how often, as far back as authorizations are kept."""
    return dict(_REDIRECT_URIS.rows(connection, {"client": client_id}))
