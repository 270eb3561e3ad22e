"""Requests that may be repeated: the first one acts, the others learn what it made.

draft-ietf-httpapi-idempotency-key-header. https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, select, update

from authserver.store.engine import removal
from authserver.store.engine.statement import Statement
from authserver.store.engine.upsert import upsert
from authserver.store.tables import idempotency_keys

KEPT_FOR = 86400
_table = idempotency_keys.c
_CLAIM = upsert(idempotency_keys, lambda row: row.on_conflict_do_nothing().returning(_table.digest))
_FORGET = Statement(
    delete(idempotency_keys).where(_table.digest == bindparam("key"), _table.expires_at <= bindparam("now"))
)
_FIND = Statement(select(_table.request, _table.made).where(_table.digest == bindparam("key")))
_SETTLE = Statement(update(idempotency_keys).where(_table.digest == bindparam("key")).values(made=bindparam("result")))
_DELETE_EXPIRED = removal.delete_expired(_table.digest, _table.expires_at)


@dataclass(frozen=True, slots=True)
class Earlier:
    """The request that came first under a key: its digest, and the id of what it made; None while it is at work."""

    request: bytes
    made: str | None


def claim(connection: Connection, key: bytes, request: bytes, now: int) -> Earlier | None:
    """Take a key for this request, both as digests; None where it is taken now, else what came before.

    In one transaction with what the request does, two at once wait for each other here.
    """
    _FORGET.run(connection, {"key": key, "now": now})
    row = {"digest": key, "request": request, "made": None, "created_at": now, "expires_at": now + KEPT_FOR}
    if _CLAIM.row(connection, row) is not None:
        return None
    # Without a row the key was forgotten at this moment: as if its request were still at work, this one may come again.
    return Earlier(*(_FIND.row(connection, {"key": key}) or (request, None)))


def settle(connection: Connection, key: bytes, made: str) -> None:
    """Write down the id of what the request made."""
    _SETTLE.run(connection, {"key": key, "result": made})


def delete_expired(connection: Connection, now: int, limit: int) -> int:
    """Forget up to `limit` keys whose day is over; returns how many."""
    return _DELETE_EXPIRED.run(connection, {"before": now, "batch": limit})
