"""The clients that took part in a session: to which it was told who signed in, by an ID token with its `sid`.

OpenID Connect Back-Channel Logout 1.0 §2.7. https://openid.net/specs/openid-connect-backchannel-1_0.html
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, and_, bindparam, exists, not_, or_, select

from authserver.store.allowed.tables import BY_BROWSER, authorizations
from authserver.store.engine import removal
from authserver.store.engine.statement import Statement
from authserver.store.tables import sessions

_table = authorizations.c
_TOLD = (
    # Whose code was never redeemed has no ID token.
    or_(_table.requested_by != BY_BROWSER, _table.code_redeemed_at.is_not(None)),
)
_OF_SESSION = Statement(select(_table.client_id, _table.scope).where(_table.sid == bindparam("session"), *_TOLD))
_LAST = Statement(
    select(_table.client_id)
    .where(_table.sid == bindparam("session"), _table.requested_by == BY_BROWSER)
    .order_by(_table.created_at.desc())
    .limit(1)
)
_OF_OPEN_SESSIONS = Statement(
    select(_table.client_id, _table.scope, _table.sid)
    .select_from(authorizations.join(sessions, sessions.c.sid == _table.sid))
    .where(_table.sub == bindparam("person"), sessions.c.ended_at.is_(None), *_TOLD)
)
_IS_OPEN = exists().where(sessions.c.sid == _table.sid, sessions.c.ended_at.is_(None))
_DELETE_EXPIRED = removal.delete_some(_table.id, and_(_table.expires_at <= bindparam("before"), not_(_IS_OPEN)))


@dataclass(frozen=True, order=True, slots=True)
class Participant:
    """A client that knows a person, `sub` as we store them, by this session."""

    client_id: str
    sub: str
    sid: str


def of_sessions(connection: Connection, sub: str, sids: Iterable[str]) -> tuple[Participant, ...]:
    """The clients that took part in these sessions of a person."""
    found = {
        Participant(client_id, sub, sid)
        for sid in sids
        for client_id, scope in _OF_SESSION.rows(connection, {"session": sid})
        if "openid" in scope.split()
    }
    return tuple(sorted(found))


def last(connection: Connection, sid: str) -> str | None:
    """The client that was allowed something in this session last, if one was."""
    found: str | None = _LAST.value(connection, {"session": sid})
    return found


def of_open_sessions(connection: Connection, sub: str, client_id: str | None = None) -> tuple[Participant, ...]:
    """The clients, or this one, that took part in sessions of a person that have not ended."""
    found = {
        Participant(each, sub, sid)
        for each, scope, sid in _OF_OPEN_SESSIONS.rows(connection, {"person": sub})
        if "openid" in scope.split() and client_id in {None, each}
    }
    return tuple(sorted(found))


def delete_expired(connection: Connection, now: int, limit: int) -> int:
    """Remove up to `limit` authorizations, with their refresh tokens, whose time is over; returns how many.

    While its session has not ended, one says who took part in that: a session that was renewed outlives it.
    """
    return _DELETE_EXPIRED.run(connection, {"before": now, "batch": limit})
