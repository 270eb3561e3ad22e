"""Jobs of any kind: what is slow, away or broken holds up nothing else, and what is done is done whole."""

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest
from sqlalchemy import Connection, insert, select

from authserver import outbox
from authserver.master_key import MasterKey, new_key
from authserver.outbox.kind import About, AwayError, Kind, Payload, UndeliverableError
from authserver.outbox.sender import Sender
from authserver.store.allowed.tables import revoked_access_tokens
from authserver.store.database import Database
from authserver.store.tables import jobs
from tests.mail.post import rows
from tests.patience import PATIENCE, eventually

NOW = 1_800_000_000
MASTER = MasterKey([new_key()], "a test")


@dataclass
class Calls(Kind):
    """Jobs that are calls of other servers; `slow` ones wait until the test ends, `away` ones do not answer."""

    name: ClassVar[str] = "call"
    at_once: ClassVar[int] = 4
    at_once_to_one: ClassVar[int] = 2
    slow: set[str] = field(default_factory=set)
    away: set[str] = field(default_factory=set)
    delivered: list[str] = field(default_factory=list)
    given_up: list[tuple[str, bool, str]] = field(default_factory=list)
    under_way: Counter[str] = field(default_factory=Counter)
    over: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def deliver(self, about: About, payload: Payload) -> None:
        where = about["to"]
        with self.lock:
            self.under_way[where] += 1
        if where in self.slow:
            self.over.wait(PATIENCE)
        with self.lock:
            self.under_way[where] -= 1
        if where in self.away:
            raise AwayError(where)
        if payload.get("is_refused"):
            raise UndeliverableError("no such thing")
        self.delivered.append(where)

    def abandoned(self, connection: Connection, about: About, payload: Payload | None, reason: str) -> None:
        self.given_up.append((about["to"], payload is not None, reason))


class Notes(Kind):
    """Jobs that write a row; the one that is `broken` cannot."""

    name: ClassVar[str] = "note"

    def done(self, connection: Connection, about: About, payload: Payload) -> None:
        connection.execute(insert(revoked_access_tokens), [{"jti": payload["note"], "expires_at": NOW}])
        if payload["note"] == "broken":
            raise LookupError


@pytest.fixture
def calls() -> Iterator[Calls]:
    calls = Calls()
    yield calls
    calls.over.set()


@pytest.fixture
def sender(database: Database, calls: Calls) -> Sender:
    return Sender(database, MASTER, lambda: NOW, [calls, Notes()], pause=PATIENCE)


def call(database: Database, where: str, count: int = 1, now: int = NOW, **payload: Any) -> None:
    with database.write() as connection:
        for _ in range(count):
            outbox.put(connection, MASTER, "call", payload, now, destination=where, about={"to": where})


def note(database: Database, text: str) -> None:
    with database.write() as connection:
        outbox.put(connection, MASTER, "note", {"note": text}, NOW)


def notes(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.scalars(select(revoked_access_tokens.c.jti)))


def test_a_destination_that_is_slow_holds_up_no_other_and_no_other_kind(
    database: Database, sender: Sender, calls: Calls
) -> None:
    calls.slow.add("slow.example")
    call(database, "slow.example", 20)
    sender.turn()
    call(database, "quick.example", 3)
    note(database, "quick")
    sender.turn()
    eventually(lambda: calls.delivered == ["quick.example"] * 3 and notes(database) == ["quick"])
    eventually(lambda: calls.under_way["slow.example"] == 2)
    # Nothing more begins there, however often it is looked.
    sender.turn()
    assert calls.under_way["slow.example"] == 2
    assert not sender.settle(0)


def test_what_was_slow_goes_on_where_it_was(database: Database, sender: Sender, calls: Calls) -> None:
    calls.slow.add("slow.example")
    call(database, "slow.example", 20)
    sender.turn()
    eventually(lambda: calls.under_way["slow.example"] == 2)
    calls.over.set()
    assert sender.settle(PATIENCE)
    assert calls.delivered == ["slow.example"] * 20
    assert rows(database) == []


def test_many_destinations_share_the_places_of_their_kind(database: Database, sender: Sender, calls: Calls) -> None:
    calls.slow.update(f"{number}.example" for number in range(9))
    for where in sorted(calls.slow):
        call(database, where)
    sender.turn()
    eventually(lambda: calls.under_way.total() == Calls.at_once)
    sender.turn()
    assert calls.under_way.total() == Calls.at_once
    calls.over.set()
    while rows(database):
        sender.turn()
        assert sender.settle(PATIENCE)
    assert len(calls.delivered) == 9


def test_a_destination_that_is_away_is_left_alone_for_a_while(database: Database, sender: Sender, calls: Calls) -> None:
    calls.away.add("away.example")
    call(database, "away.example", 9)
    call(database, "quick.example")
    for _ in range(3):
        sender.turn()
        assert sender.settle(PATIENCE)
    assert calls.delivered == ["quick.example"]
    # As many as go there at a time learned so; the others wait, as yet untried.
    assert sorted(row.attempts for row in rows(database))[:7] == [0] * 7


def test_a_machine_without_room_for_a_thread_delivers_once_there_is_room(
    database: Database, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    sender = Sender(database, MASTER, lambda: NOW, [calls, Notes()], pause=0.0)
    note(database, "kept")
    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", refuse)
        sender.turn()
    sender.turn()
    assert sender.settle(PATIENCE)
    assert notes(database) == ["kept"]


def test_what_comes_of_a_job_is_kept_with_its_end_or_not_at_all(database: Database, sender: Sender) -> None:
    note(database, "broken")
    note(database, "whole")
    sender.turn()
    assert sender.settle(PATIENCE)
    assert notes(database) == ["whole"]
    (left,) = rows(database)
    assert (left.attempts, left.due_at, left.last_error) == (1, NOW + 15, "LookupError")


def test_what_is_refused_or_too_old_is_given_up_and_told(database: Database, sender: Sender, calls: Calls) -> None:
    call(database, "refuses.example", is_refused=True)
    call(database, "old.example", now=NOW - Calls.life)
    with database.write() as connection:
        unopened = {"kind": "call", "destination": "", "about": '{"to": "lost.example"}', "sealed": b"another key"}
        times = {"created_at": NOW - Calls.life, "due_at": NOW, "attempts": 7, "last_error": "it said no"}
        connection.execute(insert(jobs), [unopened | times])
    sender.turn()
    assert sender.settle(PATIENCE)
    assert sorted(calls.given_up) == [
        ("lost.example", False, "it said no"),
        ("old.example", True, "it could not be delivered in time"),
        ("refuses.example", True, "no such thing"),
    ]
    assert rows(database) == []


def test_what_is_of_no_kind_that_this_release_knows_waits(database: Database, sender: Sender) -> None:
    with database.write() as connection:
        outbox.put(connection, MASTER, "of another release", {}, NOW - 10 * Calls.life)
    sender.turn()
    assert sender.settle(PATIENCE)
    assert [row.attempts for row in rows(database)] == [0]


def test_a_process_that_is_not_the_one_of_its_node_sends_nothing(database: Database, calls: Calls) -> None:
    call(database, "quick.example")
    sender = Sender(database, MASTER, lambda: NOW, [calls], alone=lambda: False)
    sender.turn()
    assert sender.settle(PATIENCE)
    assert calls.delivered == []


def test_a_delivery_ends_with_the_job_that_is_under_way_when_the_server_stops(
    database: Database, sender: Sender, calls: Calls
) -> None:
    calls.slow.add("slow.example")
    call(database, "slow.example", 9)
    stopped = threading.Event()
    sender.turn(stopped)
    eventually(lambda: calls.under_way["slow.example"] == 2)
    stopped.set()
    calls.over.set()
    assert sender.settle(PATIENCE)
    assert len(rows(database)) == 7


def test_very_many_destinations_that_are_away_keep_none_from_being_seen(
    database: Database, sender: Sender, calls: Calls
) -> None:
    calls.away |= {f"away-{number}.example" for number in range(300)}
    for where in calls.away:
        call(database, where)
    # Behind them all in the order in which is looked.
    call(database, "well.example", now=NOW - 60)
    note(database, "quick")
    for _ in range(2):
        sender.turn()
        assert sender.settle(PATIENCE)
    assert (calls.delivered, notes(database)) == (["well.example"], ["quick"])
