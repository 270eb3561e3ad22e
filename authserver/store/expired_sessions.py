"""Sessions whose time is over: found and ended, so that whoever took part can be told."""

from sqlalchemy import BigInteger, Connection, Integer, and_, bindparam, case, not_, select, update

from authserver.store.engine.statement import Statement
from authserver.store.sessions import IN_TIME
from authserver.store.tables import sessions

_now = bindparam("now", type_=BigInteger)
_IDLE_AT = sessions.c.last_seen_at + sessions.c.idle
_TO_LOOK_AT = select(sessions.c.sid).where(sessions.c.look_at <= _now, sessions.c.ended_at.is_(None))
_BATCH = bindparam("batch", type_=Integer)
_LOOK_LATER = Statement(
    update(sessions)
    .where(sessions.c.sid.in_(_TO_LOOK_AT.where(*IN_TIME).limit(_BATCH)), *IN_TIME)
    .values(look_at=case((sessions.c.expires_at > _IDLE_AT, _IDLE_AT), else_=sessions.c.expires_at))
)
_EXPIRE = Statement(
    update(sessions)
    .where(
        sessions.c.sid.in_(_TO_LOOK_AT.where(not_(and_(*IN_TIME))).limit(_BATCH).with_for_update(skip_locked=True)),
        sessions.c.ended_at.is_(None),
        not_(and_(*IN_TIME)),
    )
    .values(ended_at=bindparam("now"))
    .returning(sessions.c.sid, sessions.c.sub)
)


def end_some(connection: Connection, now: int, limit: int) -> tuple[dict[str, str], bool]:
    """End up to `limit` sessions whose time is over; the person of each by `sid`, and whether there may be more."""
    values = {"now": now, "batch": limit}
    seen = _LOOK_LATER.run(connection, values)
    ended: dict[str, str] = dict(_EXPIRE.rows(connection, values))
    return ended, max(seen, len(ended)) >= limit
