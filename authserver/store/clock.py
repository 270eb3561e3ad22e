"""The time of the database, which all nodes share: what one gives for a minute, another must not take for expired.

A node reads the database's clock every few seconds and counts on from there. So every moment that a one-way move is
decided by comes from one clock, and no statement has to ask for the time.
"""

import time
from collections.abc import Callable

from sqlalchemy import text

from authserver.store.database import Database
from authserver.store.engine.statement import Statement

_NOW = Statement(text("SELECT extract(epoch FROM clock_timestamp())"))
# Seconds. An answer that took longer says too little of the moment it was given at.
PROMPT = 0.5


def now(database: Database) -> int:
    """Seconds since the epoch by the clock of this database, for one use. Raises DBAPIError."""
    clock = DatabaseClock(database)
    clock.measure()
    return int(clock())


class DatabaseClock:
    """Seconds since the epoch, as PostgreSQL counts them. An SQLite file is on this machine, and so is its clock.

    `local` is the clock of this machine, which serves until the first `measure`.
    """

    def __init__(self, database: Database, local: Callable[[], float] | None = None) -> None:
        self._database = database
        self._local = local or time.time
        self._is_shared = database.engine.dialect.name == "postgresql"
        # What to add to the monotonic clock, which nobody sets.
        self._base: float | None = None
        self.skew = 0.0

    def __call__(self) -> float:
        return self._local() if self._base is None else self._base + time.monotonic()

    def measure(self) -> None:
        """Read the database's clock anew; one short read. `skew` is then how many seconds this machine is ahead of it.

        Raises DBAPIError.
        """
        if not self._is_shared:
            return
        with self._database.read() as connection:
            before = time.monotonic()
            row = _NOW.row(connection, {})
            after = time.monotonic()
        if row is None or (self._base is not None and after - before > PROMPT):
            return
        self._base = float(row[0]) - (before + after) / 2
        self.skew = self._local() - self()
