"""The clock of the database, as each node follows it."""

import time

import pytest

from authserver.store.clock import DatabaseClock
from authserver.store.database import Database


def test_on_postgresql_the_clock_of_the_machine_does_not_count(database: Database) -> None:
    clock = DatabaseClock(database, lambda: time.time() + 75)
    before = time.time()
    clock.measure()
    ahead = 75 if database.engine.dialect.name == "sqlite" else 0
    assert before - 1 <= clock() - ahead
    assert clock.skew == pytest.approx(75 - ahead, abs=30)
