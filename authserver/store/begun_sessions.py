"""Sessions that are begun and not complete: a password was right, and another factor is missing.

No look-up of a live session finds one, and its type is not that of a live one: only `signin` accepts it (ASVS 6.3.3).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, exists, select, update

from authserver.protocol.acr import methods_kept
from authserver.protocol.digest import digest
from authserver.store import sessions
from authserver.store.engine.statement import Statement
from authserver.store.sessions import IN_TIME, MAX_COOKIE, SignIn, UpstreamSession
from authserver.store.tables import sessions as table
from authserver.store.tables import users

_FIELDS = (
    *(table.c.sid, table.c.sub, table.c.amr, table.c.auth_time, table.c.idle),
    *(table.c.provider, table.c.upstream_sid, table.c.upstream_id_token, table.c.acr, table.c.methods),
)
_BEGUN = (table.c.digest == bindparam("cookie"), table.c.completed_at.is_(None), table.c.ended_at.is_(None))
_OF_SOMEBODY = exists().where(users.c.sub == table.c.sub, users.c.disabled_at.is_(None))
_FIND = Statement(select(*_FIELDS).where(*_BEGUN, *IN_TIME, _OF_SOMEBODY))
_END = Statement(update(table).where(*_BEGUN).values(ended_at=bindparam("now")))
_TAKE = Statement(
    update(table).where(*_BEGUN, *IN_TIME, _OF_SOMEBODY).values(ended_at=bindparam("now")).returning(*_FIELDS)
)


@dataclass(frozen=True, slots=True)
class BegunSession:
    """Whose it will be, and what they have proven so far: `amr` as in RFC 8176. Times are as those of a `SignIn`.

    `methods` are as those of a `Session`.
    """

    sid: str
    sub: str
    amr: tuple[str, ...]
    auth_time: int | None
    idle: int
    upstream: UpstreamSession | None = None
    methods: tuple[str, ...] = ()


def begin(connection: Connection, sign_in: SignIn, now: int) -> tuple[str, BegunSession]:
    """Begin one; returns as `sessions.start`."""
    cookie, begun = sessions.start(connection, sign_in, now, is_complete=False)
    known = begun.sid, begun.sub, begun.amr, begun.auth_time, begun.idle
    return cookie, BegunSession(*known, sign_in.upstream, begun.methods)


def find(connection: Connection, cookie: str, now: int) -> BegunSession | None:
    """The session of a cookie where it is not complete, and would be live if it were."""
    row = None if len(cookie) > MAX_COOKIE else _FIND.row(connection, {"cookie": digest(cookie), "now": now})
    return None if row is None else _begun(row)


def take(connection: Connection, cookie: str, now: int) -> BegunSession | None:
    """As `find`, and end it, for a complete one in its place. Of many at once one gets it."""
    row = None if len(cookie) > MAX_COOKIE else _TAKE.row(connection, {"cookie": digest(cookie), "now": now})
    return None if row is None else _begun(row)


def end(connection: Connection, cookie: str, now: int) -> bool:
    """End the session of a cookie where it is begun and not complete; False for any other."""
    if len(cookie) > MAX_COOKIE:
        return False
    return _END.run(connection, {"cookie": digest(cookie), "now": now}) == 1


def _begun(row: Sequence[Any]) -> BegunSession:
    sid, sub, amr, auth_time, idle, provider, upstream_sid, sealed_id_token, acr, methods = row
    upstream = UpstreamSession(provider, upstream_sid, sealed_id_token, acr) if provider else None
    told = tuple(amr.split())
    return BegunSession(sid, sub, told, auth_time, idle, upstream, methods_kept(methods, told, provider))
