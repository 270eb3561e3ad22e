"""Forgotten passwords that were told and not yet looked up: kept, so that none is lost with its process."""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from authserver.store.tables import reset_requests

_table = reset_requests.c
_FIELDS = (_table.login, _table.address, _table.request_id)
_ADD = insert(reset_requests).returning(_table.id)
_TAKE = delete(reset_requests).where(_table.id == bindparam("key")).returning(*_FIELDS)
_NEXT = select(func.min(_table.id)).where(_table.created_at <= bindparam("before"), _table.id > bindparam("past"))
_DELETE_OLD = delete(reset_requests).where(
    _table.id.in_(select(_table.id).where(_table.created_at <= bindparam("before")).limit(bindparam("batch")))
)
# Whoever asked has long asked again, and would wonder at a mail.
OLD = 24 * 3600


@dataclass(frozen=True, slots=True)
class ResetRequest:
    """What was typed, and from where and with which request."""

    login: str
    address: str | None
    request_id: str | None


def add(connection: Connection, request: ResetRequest, now: int) -> int:
    """Keep a request; returns its id. Costs the same whoever it is about."""
    row = {"login": request.login, "address": request.address, "request_id": request.request_id, "created_at": now}
    return int(connection.execute(_ADD, row).scalar_one())


def take(connection: Connection, key: int) -> ResetRequest | None:
    """Take a request out, in one transaction with what it asks for. Of many at once one gets it."""
    row = connection.execute(_TAKE, {"key": key}).one_or_none()
    return None if row is None else ResetRequest(*row)


def waiting(connection: Connection, before: int, past: int = 0) -> int | None:
    """The id of the first request after `past` that has waited since `before`, in seconds since the epoch."""
    found: int | None = connection.execute(_NEXT, {"before": before, "past": past}).scalar_one()
    return found


def delete_old(connection: Connection, now: int, limit: int) -> int:
    """Forget up to `limit` requests that nobody could answer for a day; returns how many."""
    return connection.execute(_DELETE_OLD, {"before": now - OLD, "batch": limit}).rowcount
