"""Removing what has expired: small batches, each its own transaction, so that nobody waits long for a lock."""

from collections.abc import Callable
from time import monotonic

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from authserver.store import (
    devices,
    events,
    idempotency,
    jwks_readers,
    links,
    once,
    requests,
    sessions,
    signin_failures,
)
from authserver.store.allowed import access_tokens, device_codes, participants, refresh_tokens
from authserver.store.database import Database
from authserver.store.engine.limits import is_lock_timeout
from authserver.store.registration import tokens
from authserver.store.upkeep import left
from authserver.store.upstream import federation_attempts

# An authorization takes its refresh tokens along, so fewer of them make a batch.
BATCH, BATCH_OF_AUTHORIZATIONS = 500, 25

_log = structlog.get_logger("authserver")

Delete = Callable[[Connection, int, int], int]
MayGoOn = Callable[[float], bool]

# Refresh tokens go before their authorizations, which then have few left to take along.
ROOMS: dict[str, tuple[Delete, int]] = {
    "authorization_requests": (requests.delete_expired, BATCH),
    "device_codes": (device_codes.delete_expired, BATCH),
    "refresh_tokens": (refresh_tokens.delete_expired, BATCH),
    "authorizations": (participants.delete_expired, BATCH_OF_AUTHORIZATIONS),
    "sessions": (sessions.delete_expired, BATCH),
    "revoked_access_tokens": (access_tokens.delete_expired, BATCH),
    "links": (links.delete_expired, BATCH),
    "devices": (devices.delete_expired, BATCH),
    "federation_attempts": (federation_attempts.delete_expired, BATCH),
    "idempotency_keys": (idempotency.delete_expired, BATCH),
    "registration_tokens": (tokens.delete_expired, BATCH),
    "spent_ids": (once.delete_expired, BATCH),
    "outbox": (left.delete_sent, BATCH),
    "jwks_readers": (jwks_readers.delete_old, BATCH),
    "signin_failures": (signin_failures.delete_expired, BATCH),
}


def delete_expired(database: Database, now: int, events_retention: int, may_go_on: MayGoOn) -> dict[str, int]:
    """Remove expired rows of every table and events older than `events_retention` seconds; the count by table.

    A table that somebody has locked is left for the next time. It ends when none is left, or when `may_go_on`, asked
    after each batch with the seconds that it took, says no.
    """
    rooms = ROOMS | {"events": (_delete_events(events_retention), BATCH)}
    counts = dict.fromkeys(rooms, 0)
    for name, (delete_some, batch) in rooms.items():
        while True:
            began = monotonic()
            try:
                with database.write() as connection:
                    count = delete_some(connection, now, batch)
            except OperationalError as error:
                if not is_lock_timeout(error.orig):
                    raise
                _log.warning("maintenance:locked", table=name, advice="somebody holds it; it is cleaned the next time")
                break
            counts[name] += count
            if count < batch:
                break
            if not may_go_on(monotonic() - began):
                return _some(counts)
    return _some(counts)


def _some(counts: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}


def _delete_events(retention: int) -> Delete:
    return lambda connection, now, limit: events.delete_older(connection, now - retention, limit)
