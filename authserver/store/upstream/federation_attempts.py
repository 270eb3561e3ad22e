"""Browsers that were sent to a provider: each attempt is bound to one browser and comes back once (RFC 9700 §4.7).

The state is kept as its digest. What else an answer is checked against, and where it leads, lies sealed.
"""

import secrets
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, bindparam, insert, select, update

from authserver.protocol.digest import digest
from authserver.store.engine import removal
from authserver.store.engine.statement import Statement
from authserver.store.tables import federation_attempts

Purpose = Literal["sign_in", "link", "prove", "sign_out"]
MAX_STATE = 64
# Of one browser.
MOST_OF_BROWSER = 50
_table = federation_attempts.c
_INSERT = Statement(
    insert(federation_attempts),
    columns=("digest", "browser", "provider", "purpose", "sealed", "created_at", "expires_at"),
)
_MINE = (
    _table.digest == bindparam("key"),
    _table.browser == bindparam("owner"),
    _table.provider == bindparam("at"),
    _table.purpose.in_(bindparam("purposes", expanding=True)),
    _table.spent_at.is_(None),
    _table.expires_at > bindparam("now"),
)
_DROP_OLDEST = removal.delete_oldest(_table.digest, _table.browser, _table.created_at, MOST_OF_BROWSER)
_FIELDS = (_table.purpose, _table.sealed, _table.created_at)
_FIND = Statement(select(*_FIELDS).where(*_MINE))
_SPEND = Statement(update(federation_attempts).where(*_MINE).values(spent_at=bindparam("now")).returning(*_FIELDS))
_DELETE_EXPIRED = removal.delete_expired(_table.digest, _table.expires_at)


@dataclass(frozen=True, slots=True)
class SealedAttempt:
    """What an attempt is for, what it holds under seal, and when it was begun in seconds since the epoch."""

    purpose: Purpose
    sealed: bytes
    created_at: int


def new_state() -> str:
    """A state that names one attempt."""
    return secrets.token_urlsafe(32)


def save(
    connection: Connection,
    state: str,
    *,
    purpose: Purpose,
    provider: str,
    browser: bytes,
    sealed: bytes,
    now: int,
    lifetime: int,
) -> None:
    """Keep an attempt for `lifetime` seconds, for the browser with this digest; of very many the oldest goes."""
    _DROP_OLDEST.run(connection, {"owner": browser})
    row = {"digest": digest(state), "purpose": purpose, "provider": provider, "browser": browser, "sealed": sealed}
    _INSERT.run(connection, row | {"created_at": now, "expires_at": now + lifetime})


def find(
    connection: Connection, state: str, provider: str, browser: bytes, now: int, *purposes: Purpose
) -> SealedAttempt | None:
    """The attempt, where it can still be spent. Spends nothing."""
    values = _values(state, provider, browser, now, purposes)
    row = _FIND.row(connection, values) if values else None
    return None if row is None else SealedAttempt(*row)


def spend(
    connection: Connection, state: str, provider: str, browser: bytes, now: int, *purposes: Purpose
) -> SealedAttempt | None:
    """Spend an attempt, once: None where it is unknown, expired, spent, of another browser, provider or purpose."""
    values = _values(state, provider, browser, now, purposes)
    row = _SPEND.row(connection, values) if values else None
    return None if row is None else SealedAttempt(*row)


def delete_expired(connection: Connection, now: int, limit: int) -> int:
    """Remove up to `limit` expired attempts; returns how many."""
    return _DELETE_EXPIRED.run(connection, {"before": now, "batch": limit})


def _values(
    state: str, provider: str, browser: bytes, now: int, purposes: tuple[Purpose, ...]
) -> dict[str, object] | None:
    if not 0 < len(state) <= MAX_STATE:
        return None
    return {"key": digest(state), "owner": browser, "at": provider, "purposes": list(purposes), "now": now}
