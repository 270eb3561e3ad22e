"""Audit events on their way to the table: all of them arrive, whatever is in one."""

import pytest
from sqlalchemy import func, select

from authserver.events import Recorder, emit, record
from authserver.store.database import Database
from authserver.store.tables import events
from tests.patience import PATIENCE, eventually
from tests.store.at_once import CALLERS, at_once
from tests.store.people import NOW

EVENT = {
    "at": NOW,
    "name": "token:access_token:issued",
    "sub": None,
    "client_id": None,
    "address": None,
    "request_id": None,
}
EVENT |= {"detail": "{}"}


def test_events_of_many_threads_are_all_written(database: Database) -> None:
    recorder = Recorder(database)

    def record(number: int) -> None:
        for serial in range(50):
            recorder.record(EVENT | {"client_id": f"{number}.{serial}"})

    at_once(record)
    recorder.close()
    with database.read() as connection:
        count, distinct = connection.execute(
            select(func.count(), func.count(events.c.client_id.distinct())).select_from(events)
        ).one()
    assert (count, distinct) == (CALLERS * 50, CALLERS * 50)


def test_an_event_that_cannot_be_stored_as_it_is_keeps_no_other_waiting(database: Database) -> None:
    bad = [
        {"client_id": "a\0b"},
        {"sub": "s" * 200},
        {"client_id": "c" * 1000},
        {"address": "1" * 100},
        {"detail": "\ud800"},
        {"name": "\0"},
    ]
    recorder = Recorder(database)
    for changed in bad:
        recorder.record(EVENT | changed)
    recorder.record(EVENT)
    recorder.close()
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(events)).scalar() == len(bad) + 1


def test_many_events_do_not_wait_until_they_would_hold_up_every_request(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "FLUSH_INTERVAL", 10 * PATIENCE)
    recorder = Recorder(database)
    for _ in range(record.BATCH):
        recorder.record(EVENT)
    eventually(lambda: recorder.waiting == 0)
    recorder.close()


def test_an_event_within_a_transaction_is_kept_with_it_or_not_at_all(database: Database) -> None:
    def change(sub: str, result: float) -> float:
        with database.write() as connection:
            emit("user:password:changed", sub=sub, within=connection)
            return 1 / result

    change("kept", 1)
    with pytest.raises(ZeroDivisionError):
        change("undone", 0)
    with database.read() as connection:
        assert connection.scalars(select(events.c.sub)).all() == ["kept"]
