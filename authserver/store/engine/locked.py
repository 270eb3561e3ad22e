"""Statements that a locked table holds up: one thread tries, and the others are told so at once.

Each would otherwise wait for its time limit in a place and on a connection that requests for other tables need.
"""

from threading import Lock
from time import monotonic

from sqlalchemy.exc import TimeoutError as StorageTimeoutError

# Seconds after which one thread tries again.
PAUSE = 1.0


class Locked:
    """The statements, by their text, that were last seen to wait for a table in vain; of one database."""

    def __init__(self) -> None:
        self._retry_at: dict[str, float] = {}
        self._guard = Lock()

    def __bool__(self) -> bool:
        return bool(self._retry_at)

    def check(self, sql: str) -> None:
        """Raises SQLAlchemy's TimeoutError where the statement waited in vain a moment ago, or one thread waits now."""
        with self._guard:
            retry_at = self._retry_at.get(sql)
            if retry_at is None:
                return
            now = monotonic()
            if now < retry_at:
                raise StorageTimeoutError("a table that the statement needs is locked")
            self._retry_at[sql] = now + PAUSE

    def note(self, sql: str) -> None:
        """It waited in vain."""
        with self._guard:
            self._retry_at[sql] = monotonic() + PAUSE

    def forget(self, sql: str) -> None:
        """It came through."""
        with self._guard:
            self._retry_at.pop(sql, None)
