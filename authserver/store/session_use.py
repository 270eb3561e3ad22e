"""That a session is in use: what keeps it from falling idle, without a write at each request."""

from sqlalchemy import Connection, bindparam, update

from authserver.store.engine.statement import Statement
from authserver.store.tables import sessions

# Use is noted once a minute at most, and so often that no idle time is cut short by more than a sixth.
MOST_SECONDS, TIMES_IN_AN_IDLE_TIME = 60, 6
_TOUCH = Statement(
    update(sessions)
    .where(
        sessions.c.sid == bindparam("session"),
        sessions.c.ended_at.is_(None),
        sessions.c.last_seen_at <= bindparam("before"),
    )
    .values(last_seen_at=bindparam("now"))
)


def is_due(last_seen_at: int, idle: int, now: int) -> bool:
    """Whether `touch` would write, for a session with this idle time in seconds."""
    return now - last_seen_at >= _interval(idle)


def touch(connection: Connection, sid: str, idle: int, now: int) -> None:
    """Note that a session is in use; written once a minute at most, and oftener where `idle` (seconds) is short."""
    _TOUCH.run(connection, {"session": sid, "before": now - _interval(idle), "now": now})


def _interval(idle: int) -> int:
    return min(MOST_SECONDS, idle // TIMES_IN_AN_IDLE_TIME)
