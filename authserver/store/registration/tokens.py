"""Initial access tokens: who has one may register so many clients, with these scopes, until it ends (RFC 7591 §3).

https://www.rfc-editor.org/rfc/rfc7591#section-3
"""

import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from authserver.protocol.digest import digest
from authserver.store.engine import removal
from authserver.store.engine.statement import Statement
from authserver.store.registration.tables import registration_tokens as table

_FIELDS = (table.c.id, table.c.scope, table.c.uses_left, table.c.created_at, table.c.expires_at)
_SPENDABLE = (table.c.digest == bindparam("token"), table.c.uses_left > 0, table.c.expires_at > bindparam("now"))
_ADD = Statement(insert(table))
_FIND = Statement(select(*_FIELDS).where(*_SPENDABLE))
_SPEND = Statement(update(table).where(*_SPENDABLE).values(uses_left=table.c.uses_left - 1))
_ALL = Statement(select(*_FIELDS).order_by(table.c.created_at, table.c.id))
_REMOVE = Statement(delete(table).where(table.c.id == bindparam("key")))
_DELETE_EXPIRED = removal.delete_expired(table.c.id, table.c.expires_at)
LONGEST = 128


@dataclass(frozen=True, slots=True)
class RegistrationToken:
    """What one still allows; times are seconds since the epoch."""

    id: str
    scope: tuple[str, ...]
    uses_left: int
    created_at: int
    expires_at: int


def make(connection: Connection, scope: tuple[str, ...], uses: int, now: int, lifetime: int) -> tuple[str, str]:
    """A new token for so many registrations within `lifetime` seconds; returns its id and the token, kept nowhere."""
    key, token = secrets.token_hex(8), secrets.token_urlsafe(32)
    times = {"created_at": now, "expires_at": now + lifetime}
    row = {"id": key, "digest": digest(token), "scope": " ".join(scope), "uses_left": uses}
    _ADD.run(connection, row | times)
    return key, token


def find(connection: Connection, token: str, now: int) -> RegistrationToken | None:
    """The token where it can still be spent. Spends nothing."""
    row = None if len(token) > LONGEST else _FIND.row(connection, {"token": digest(token), "now": now})
    return None if row is None else _token(row)


def spend(connection: Connection, token: str, now: int) -> bool:
    """Spend one use, in the transaction of the registration; False where none is left. Of many at once so many win."""
    return _SPEND.run(connection, {"token": digest(token), "now": now}) == 1


def everything(connection: Connection) -> list[RegistrationToken]:
    """All tokens that have not been removed, the oldest first."""
    return [_token(row) for row in _ALL.rows(connection, {})]


def remove(connection: Connection, key: str) -> bool:
    """Take a token back; False where there is none of this id."""
    return _REMOVE.run(connection, {"key": key}) == 1


def delete_expired(connection: Connection, now: int, limit: int) -> int:
    """Remove up to `limit` tokens whose time is over; returns how many."""
    return _DELETE_EXPIRED.run(connection, {"before": now, "batch": limit})


def _token(row: tuple[object, ...]) -> RegistrationToken:
    key, scope, *rest = row
    return RegistrationToken(str(key), tuple(str(scope).split()), *rest)  # type: ignore[arg-type]
