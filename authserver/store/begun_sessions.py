"""Sessions that are begun and not complete: a password was right, and another factor is missing.

No look-up of a live session finds one, and its type is not that of a live one: only `signin` accepts it (ASVS 6.3.3).
"""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select, update

from authserver.protocol.digest import digest
from authserver.store import sessions
from authserver.store.engine.statement import Statement
from authserver.store.sessions import IN_TIME, MAX_COOKIE, SignIn
from authserver.store.tables import sessions as table
from authserver.store.tables import users

_BEGUN = (table.c.digest == bindparam("cookie"), table.c.completed_at.is_(None), table.c.ended_at.is_(None))
_FIND = Statement(
    select(table.c.sid, table.c.sub, table.c.amr)
    .select_from(table.join(users, users.c.sub == table.c.sub))
    .where(*_BEGUN, *IN_TIME, users.c.disabled_at.is_(None))
)
_END = Statement(update(table).where(*_BEGUN).values(ended_at=bindparam("now")))


@dataclass(frozen=True, slots=True)
class BegunSession:
    """Whose it will be, and what they have proven so far: `amr` as in RFC 8176."""

    sid: str
    sub: str
    amr: tuple[str, ...]


def begin(connection: Connection, sign_in: SignIn, now: int) -> tuple[str, BegunSession]:
    """Begin one; returns as `sessions.start`."""
    cookie, begun = sessions.start(connection, sign_in, now, is_complete=False)
    return cookie, BegunSession(begun.sid, begun.sub, begun.amr)


def find(connection: Connection, cookie: str, now: int) -> BegunSession | None:
    """The session of a cookie where it is not complete, and would be live if it were."""
    if len(cookie) > MAX_COOKIE:
        return None
    row = _FIND.row(connection, {"cookie": digest(cookie), "now": now})
    if row is None:
        return None
    sid, sub, amr = row
    return BegunSession(sid, sub, tuple(amr.split()))


def end(connection: Connection, cookie: str, now: int) -> bool:
    """End the session of a cookie where it is begun and not complete; False for any other."""
    if len(cookie) > MAX_COOKIE:
        return False
    return _END.run(connection, {"cookie": digest(cookie), "now": now}) == 1
