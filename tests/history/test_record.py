"""A file that goes live is written down once, whoever of all nodes and workers takes it, and lies sealed."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from sqlalchemy import Connection, select

from authserver.clients.file.reader import read
from authserver.history.arrival import Arrival
from authserver.history.past import history, opened
from authserver.history.record import record
from authserver.history.text import said, text_of
from authserver.master_key import MasterKey, new_key
from authserver.store.database import Database
from authserver.store.live_files import files
from authserver.store.live_files.tables import live_files
from tests.store.at_once import CALLERS, at_once

NOW = 1_800_000_000
UPTIME = 100_000.0
master = MasterKey([new_key()], "a test")
ONE, TWO = "roles: {reader: []}  # the first, hush-hush\n", "roles: {reader: [], editor: []}\n"


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that has been up for so long."""
    monkeypatch.setattr("authserver.history.record.time", SimpleNamespace(monotonic=lambda: UPTIME))


def arrival(text: str, at: float = 0.0) -> Arrival:
    """This text, taken so many seconds before now."""
    content = text.encode()
    found = text_of(content, read(content, "clients.yaml").data)
    return Arrival(found, "0123456789ab", "reload", "deploy", UPTIME - at)


def numbers(database: Database) -> list[tuple[int, str]]:
    with database.read() as connection:
        return [(each.number, opened(each, master).text.decode()) for each in files.everything(connection)]


def test_of_many_workers_that_take_a_file_at_once_one_writes_it_down(database: Database) -> None:
    told = at_once(lambda number: record(database, master, arrival(ONE), f"node {number}", NOW))
    assert numbers(database) == [(1, ONE)]
    # Whoever came too late is told to look again, and finds it written.
    assert any(told)
    assert len(told) == CALLERS
    assert record(database, master, arrival(ONE), "another", NOW + 1)
    assert numbers(database) == [(1, ONE)]


def test_of_two_files_at_once_none_is_lost(database: Database) -> None:
    """Each asks again until it is written down, as the task does."""

    def one(number: int) -> int:
        taken = arrival(ONE if number % 2 else TWO)
        return next(turn for turn in range(CALLERS) if record(database, master, taken, "node", NOW))

    at_once(one, 2)
    assert sorted(numbers(database)) in ([(1, ONE), (2, TWO)], [(1, TWO), (2, ONE)])


def test_what_was_live_before_and_comes_again_has_a_new_number(database: Database) -> None:
    for second, text in enumerate((ONE, TWO, ONE)):
        assert record(database, master, arrival(text), "node", NOW + second)
    assert numbers(database) == [(3, ONE), (2, TWO), (1, ONE)]
    with database.read() as connection:
        newest = history(connection, master)[0].file
    assert (newest.live_at, newest.who, newest.node, newest.way) == (NOW + 2, "deploy", "node", "reload")


def test_a_worker_that_begins_anew_with_what_its_node_has_had_for_long_writes_nothing(database: Database) -> None:
    assert record(database, master, arrival(TWO), "one", NOW)
    # The other node has not got the new file yet, and one of its workers is replaced.
    assert record(database, master, arrival(ONE, at=3600), "two", NOW + 1)
    assert numbers(database) == [(1, TWO)]
    # Once that node is started again, it is live there: nothing is hidden.
    assert record(database, master, arrival(ONE), "two", NOW + 2)
    assert numbers(database) == [(2, ONE), (1, TWO)]


def test_the_last_fifty_are_kept(database: Database) -> None:
    for number in range(files.KEPT + 3):
        assert record(database, master, arrival(f"default_role: r{number}\n"), "node", NOW + number)
    kept = [number for number, _ in numbers(database)]
    assert kept == list(range(files.KEPT + 3, 3, -1))


def test_nothing_of_a_file_can_be_read_where_it_lies(database: Database) -> None:
    record(database, master, arrival(ONE), "node", NOW)
    with database.read() as connection:
        row = connection.execute(select(live_files)).one()
    # Words long enough that bytes made by chance do not hold them.
    for word in (b"hush-hush", b"roles: {reader"):
        assert word in ONE.encode()
        assert word not in row.sealed
    assert MasterKey([new_key()], "another").try_unseal(row.sealed) is None
    with database.read() as connection:
        assert [each.changed for each in history(connection, MasterKey([new_key()], "another"))] == [None]


def test_a_name_longer_than_its_column_is_cut(database: Database) -> None:
    assert record(database, master, replace(arrival(ONE), who="a" * 999), "n" * 999, NOW)
    assert numbers(database) == [(1, ONE)]


def test_nothing_is_sealed_for_a_file_that_is_known(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    record(database, master, arrival(ONE), "node", NOW)

    def never(_connection: Connection, _file: object) -> None:
        pytest.fail("a row was written")

    monkeypatch.setattr(files, "add", never)
    assert record(database, master, arrival(ONE), "another", NOW)


def test_the_text_comes_back_byte_for_byte() -> None:
    content = b"\xef\xbb\xbfroles:\r\n  reader: []   # \xc3\xa4\r\n"
    assert said(text_of(content, {"roles": {"reader": []}}).packed).text == content
