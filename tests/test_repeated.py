"""What strangers can cause as often as they like takes a few rows a minute; how many more there were is told."""

import json
from typing import Any

from sqlalchemy import select

from authserver.events import Recorder
from authserver.events.repeated import MOST_IN_ALL, MOST_KEYS, Repeated
from authserver.store.database import Database
from authserver.store.tables import events

NOON = 1_800_000_000


def row(name: str, address: str | None = "198.51.100.7", **fields: Any) -> dict[str, Any]:
    empty = {"at": NOON, "sub": None, "client_id": None, "request_id": None, "detail": "{}"}
    return empty | {"name": name, "address": address} | fields


def admitted(repeated: Repeated, rows: list[dict[str, Any]]) -> int:
    return sum(repeated.admits(each) for each in rows)


def test_the_refusals_of_one_sign_in_are_one_row_a_minute() -> None:
    repeated = Repeated()
    throttled = [row("user:login:throttled", sub="ada")] * 1000
    assert admitted(repeated, throttled) == 1
    assert admitted(repeated, [row("user:login:throttled", sub="bob")] * 3) == 1
    assert admitted(repeated, [row("user:login:throttled", "198.51.100.8", sub="ada")] * 3) == 1
    repeated.told(NOON + 60)
    assert admitted(repeated, throttled) == 1


def test_failures_of_one_address_are_thirty_rows_a_minute_and_of_all_together_bounded_too() -> None:
    repeated = Repeated()
    assert admitted(repeated, [row("client:authentication:failed", client_id=f"c{n}") for n in range(100)]) == 30
    network = [row("client:authentication:failed", f"2001:db8:1:2::{n:x}") for n in range(100)]
    assert admitted(repeated, network) == 30
    many = [row("client:authentication:failed", f"10.{n // 250}.{n % 250}.1") for n in range(3 * MOST_KEYS)]
    assert admitted(repeated, many) <= MOST_IN_ALL
    assert len(repeated._counts) <= MOST_KEYS + 1


def test_the_rows_that_tell_what_was_left_out_are_bounded_too() -> None:
    repeated = Repeated()
    many = [row("client:authentication:throttled", client_id=f"c{n}") for n in range(3 * MOST_KEYS)]
    assert admitted(repeated, many) == MOST_IN_ALL
    (told,) = repeated.told(NOON + 60)
    assert (told["client_id"], json.loads(told["detail"])) == (None, {"more": 3 * MOST_KEYS - MOST_IN_ALL})


def test_what_only_people_and_clients_with_a_right_can_cause_is_kept_whole() -> None:
    assert admitted(Repeated(), [row("token:access_token:issued")] * 5000) == 5000


def test_the_number_of_those_that_were_left_out_becomes_a_row(database: Database) -> None:
    recorder = Recorder(database)
    for _ in range(50):
        recorder.record(row("user:login:throttled", sub="ada"))
    recorder.record(row("token:access_token:issued", at=NOON + 60))
    recorder.close()
    with database.read() as connection:
        rows = connection.execute(select(events).order_by(events.c.id)).mappings().all()
    first, more, _ = rows
    assert [each["name"] for each in rows[:2]] == ["user:login:throttled"] * 2
    assert (first["sub"], json.loads(first["detail"])) == ("ada", {})
    assert (more["sub"], more["address"], json.loads(more["detail"])) == ("ada", "198.51.100.7", {"more": 49})
