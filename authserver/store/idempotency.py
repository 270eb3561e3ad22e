"""Requests that may be repeated: the first one acts, the others learn what it made.

draft-ietf-httpapi-idempotency-key-header. https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, select, update

from authserver.store.engine.upsert import Upsert
from authserver.store.tables import idempotency_keys

KEPT_FOR = 86400
_table = idempotency_keys.c
_CLAIM = Upsert(idempotency_keys, lambda row: row.on_conflict_do_nothing().returning(_table.digest))
_FORGET = delete(idempotency_keys).where(_table.digest == bindparam("key"), _table.expires_at <= bindparam("now"))
_FIND = select(_table.request, _table.made).where(_table.digest == bindparam("key"))
_SETTLE = update(idempotency_keys).where(_table.digest == bindparam("key")).values(made=bindparam("result"))
_DELETE_EXPIRED = delete(idempotency_keys).where(
    _table.digest.in_(select(_table.digest).where(_table.expires_at <= bindparam("before")).limit(bindparam("batch")))
)


@dataclass(frozen=True, slots=True)
class Earlier:
    """The request that came first under a key: its digest, and the id of what it made; None while it is at work."""

    request: bytes
    made: str | None


def claim(connection: Connection, key: bytes, request: bytes, now: int) -> Earlier | None:
    """Take a key for this request, both as digests; None where it is taken now, else what came before.

    In one transaction with what the request does, two at once wait for each other here.
    """
    connection.execute(_FORGET, {"key": key, "now": now})
    row = {"digest": key, "request": request, "made": None, "created_at": now, "expires_at": now + KEPT_FOR}
    if connection.execute(_CLAIM.on(connection), row).first() is not None:
        return None
    found = connection.execute(_FIND, {"key": key}).one()
    return Earlier(found.request, found.made)


def settle(connection: Connection, key: bytes, made: str) -> None:
    """Write down the id of what the request made."""
    connection.execute(_SETTLE, {"key": key, "result": made})


def delete_expired(connection: Connection, now: int, limit: int) -> int:
    """Forget up to `limit` keys whose day is over; returns how many."""
    return connection.execute(_DELETE_EXPIRED, {"before": now, "batch": limit}).rowcount
