"""How many expired rows wait to be removed, by table: what `cleanup` has yet to do."""

from sqlalchemy import BigInteger, Column, ColumnElement, Connection, and_, bindparam, func, literal, not_, select

from authserver.store import jwks_readers, sessions, signin_failures, tables
from authserver.store.allowed import device_codes
from authserver.store.allowed import tables as allowed
from authserver.store.engine.statement import Statement
from authserver.store.registration.tables import registration_tokens
from authserver.store.upkeep import left

# To count more would cost more than it tells.
MOST = 100_000


def _over(column: Column[int], kept: int = 0) -> ColumnElement[bool]:
    return column <= bindparam("now", type_=BigInteger) - kept


_OVER: dict[str, ColumnElement[bool]] = {
    "authorization_requests": _over(tables.authorization_requests.c.expires_at),
    "device_codes": _over(allowed.device_codes.c.expires_at, device_codes.KEPT_AFTER_END),
    "refresh_tokens": _over(allowed.refresh_tokens.c.expires_at),
    "authorizations": _over(allowed.authorizations.c.expires_at),
    "sessions": _over(tables.sessions.c.expires_at, sessions.KEPT_AFTER_END),
    "revoked_access_tokens": _over(allowed.revoked_access_tokens.c.expires_at),
    "links": _over(tables.links.c.expires_at),
    "devices": _over(tables.devices.c.expires_at),
    "federation_attempts": _over(tables.federation_attempts.c.expires_at),
    "idempotency_keys": _over(tables.idempotency_keys.c.expires_at),
    "registration_tokens": _over(registration_tokens.c.expires_at),
    "spent_ids": _over(tables.spent_ids.c.expires_at),
    "outbox": _over(left.outbox.c.sent_at, left.KEPT_AFTER_SENT),
    "jwks_readers": _over(tables.jwks_readers.c.last_at, jwks_readers.KEPT),
    "signin_failures": _over(tables.signin_failures.c.last_at, signin_failures.FORGOTTEN_AFTER),
    "events": tables.events.c.at <= bindparam("kept_since", type_=BigInteger),
}
TABLES = tuple(_OVER)


def _counted(over: ColumnElement[bool]) -> Statement:
    return Statement(select(func.count()).select_from(select(literal(1)).where(over).limit(MOST).subquery()))


_COUNTS = {name: _counted(over) for name, over in _OVER.items()}
# Beside those that expired. Asked apart, for each of the two has an index, and PostgreSQL joins all of both first.
_ENDED = _counted(
    and_(
        _over(tables.sessions.c.ended_at, sessions.KEPT_AFTER_END),
        not_(_over(tables.sessions.c.expires_at, sessions.KEPT_AFTER_END)),
    )
)


def count(connection: Connection, now: int, events_retention: int) -> dict[str, int]:
    """The tables with expired rows and how many each has, 100,000 at most. One short read a table."""
    found = {}
    for name, counted in _COUNTS.items():
        values = {"kept_since": now - events_retention} if name == "events" else {"now": now}
        found[name] = counted.value(connection, values)
    if found["sessions"] < MOST:
        found["sessions"] = min(MOST, found["sessions"] + _ENDED.value(connection, {"now": now}))
    return {name: rows for name, rows in found.items() if rows}
