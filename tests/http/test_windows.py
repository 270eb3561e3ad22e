"""Limits that one process counts: bounded in number and in time, and what was no failure is given back."""

import pytest
from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from authserver.http import limits, windows
from authserver.http.windows import LocalWindows


@pytest.fixture(params=["local", "redis"])
def limiter(request: pytest.FixtureRequest) -> Limiter:
    """Counts in this process, or in a real Redis."""
    uri = "local://" if request.param == "local" else request.getfixturevalue("redis_url")
    return Limiter(get_remote_address, app=Flask("limits"), storage_uri=uri, strategy="moving-window")


def test_a_hit_that_is_given_back_was_none(limiter: Limiter) -> None:
    assert [limits.hit(limiter, "2 per hour", "given back") for _ in range(2)] == [0, 0]
    assert 3500 < limits.hit(limiter, "2 per hour", "given back") <= 3600
    limits.give_back(limiter, "2 per hour", "given back")
    assert limits.hit(limiter, "2 per hour", "given back") == 0
    assert limits.hit(limiter, "2 per hour", "given back") > 0
    for _ in range(5):
        limits.give_back(limiter, "2 per hour", "given back")
    assert [bool(limits.hit(limiter, "2 per hour", "given back")) for _ in range(3)] == [False, False, True]


def test_a_window_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    storage, now = LocalWindows(), 1000.0
    monkeypatch.setattr("authserver.http.windows.time.time", lambda: now)
    assert storage.acquire_entry("a", 2, 60)
    now += 30
    assert storage.acquire_entry("a", 2, 60)
    assert not storage.acquire_entry("a", 2, 60)
    assert storage.get_moving_window("a", 2, 60) == (1000.0, 2)
    now += 31
    assert storage.acquire_entry("a", 2, 60)
    assert not storage.acquire_entry("a", 2, 60)


def test_nothing_is_kept_of_what_is_over_and_no_more_than_so_many_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    storage, now = LocalWindows(), 1000.0
    monkeypatch.setattr("authserver.http.windows.time.time", lambda: now)
    monkeypatch.setattr(windows, "MOST_KEYS", 100)
    storage.acquire_entry("an hour", 1, 3600)
    for number in range(500):
        storage.acquire_entry(f"key {number}", 5, 60)
    assert not storage.acquire_entry("an hour", 1, 3600)
    assert storage.reset() == 101
    for number in range(50):
        storage.acquire_entry(f"key {number}", 5, 60)
    now += 61
    storage.acquire_entry("new", 5, 60)
    assert storage.reset() == 1
