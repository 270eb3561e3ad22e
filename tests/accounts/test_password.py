"""Password hashes: every character counts, everybody takes the same path, and only a few run at a time."""

import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from argon2 import PasswordHasher, extract_parameters

from authserver.signin.password import MAX_LENGTH, Passwords, PasswordsBusyError
from tests.conftest import make_settings
from tests.patience import PATIENCE

CHEAP = make_settings(password_hash_memory=8192, password_hash_time=1, password_hash_parallelism=1)
PASSWORD = "Correct horse 1!"


@pytest.fixture
def passwords() -> Passwords:
    return Passwords(CHEAP)


def test_the_right_password_and_no_other_is_verified(passwords: Passwords) -> None:
    stored = passwords.hash(PASSWORD)
    assert stored.startswith("$argon2id$")
    assert PASSWORD not in stored
    assert passwords.verify(stored, PASSWORD)
    for near in ("", PASSWORD[:-1], PASSWORD + " ", " " + PASSWORD, PASSWORD.lower(), PASSWORD + "\0"):
        assert not passwords.verify(stored, near)


@pytest.mark.parametrize("tail", ["\0", "\0x", "é", "x" * 200, "\ud800"])
def test_the_whole_password_counts_to_its_last_character(passwords: Passwords, tail: str) -> None:
    stored = passwords.hash(PASSWORD + tail)
    assert passwords.verify(stored, PASSWORD + tail)
    assert not passwords.verify(stored, PASSWORD)
    assert not passwords.verify(stored, PASSWORD + tail[:-1] + "?")


def test_two_ways_to_write_a_character_are_one_password(passwords: Passwords) -> None:
    assert passwords.verify(passwords.hash("pa\u0308ssword"), "p\u00e4ssword")


def test_a_password_past_the_longest_is_refused_before_hashing(passwords: Passwords) -> None:
    longest = "x" * MAX_LENGTH
    assert passwords.verify(passwords.hash(longest), longest)
    assert not passwords.verify(passwords.hash(longest), longest + "x")
    with pytest.raises(ValueError, match="256"):
        passwords.hash(longest + "x")


def test_an_unknown_person_costs_as_much_as_a_known_one(passwords: Passwords, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []
    verify = PasswordHasher.verify

    def record(hasher: PasswordHasher, stored: str, password: bytes) -> bool:
        checked.append(stored)
        return verify(hasher, stored, password)

    monkeypatch.setattr(PasswordHasher, "verify", record)
    stored = passwords.hash(PASSWORD)
    assert not passwords.verify(stored, "wrong")
    assert not passwords.verify(None, "wrong")
    known, unknown = checked
    assert extract_parameters(known) == extract_parameters(unknown)
    assert not passwords.verify(None, PASSWORD)


def test_where_no_thread_may_lower_its_priority_passwords_are_checked_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def forbid(*_arguments: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "setpriority", forbid, raising=False)
    passwords = Passwords(CHEAP)
    assert passwords.verify(passwords.hash(PASSWORD), PASSWORD)


def test_a_damaged_hash_verifies_nothing(passwords: Passwords) -> None:
    assert not passwords.verify("", PASSWORD)
    assert not passwords.verify("$argon2id$v=19$broken", PASSWORD)
    assert not passwords.verify("plain text", "plain text")


def test_a_hash_of_other_parameters_is_outdated(passwords: Passwords) -> None:
    stored = passwords.hash(PASSWORD)
    assert not passwords.is_outdated(stored)
    stronger = Passwords(CHEAP.model_copy(update={"password_hash_time": 2}))
    assert stronger.is_outdated(stored)
    assert stronger.verify(stored, PASSWORD)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[threading.Semaphore, threading.Event]]:
    """Hashing that says when it began and goes on when it is told to."""
    begun, go_on = threading.Semaphore(0), threading.Event()

    def verify(_hasher: PasswordHasher, _stored: str, _password: bytes) -> bool:
        begun.release()
        go_on.wait(PATIENCE)
        return True

    monkeypatch.setattr(PasswordHasher, "verify", verify)
    yield begun, go_on
    go_on.set()


def test_no_more_hashes_run_than_are_allowed_and_the_rest_is_told_to_come_back(
    slow: tuple[threading.Semaphore, threading.Event],
) -> None:
    begun, go_on = slow
    passwords = Passwords(CHEAP.model_copy(update={"password_hash_concurrency": 2}))
    results: list[bool] = []
    refused = threading.Semaphore(0)

    def sign_in() -> None:
        try:
            results.append(passwords.verify("$argon2id$", PASSWORD))
        except PasswordsBusyError:
            refused.release()

    with ExitStack() as stack:
        threads = [threading.Thread(target=sign_in) for _ in range(13)]
        for thread in threads:
            thread.start()
            stack.callback(thread.join)
        for _ in range(3):
            assert refused.acquire(timeout=PATIENCE)
        for _ in range(2):
            assert begun.acquire(timeout=PATIENCE)
        assert not begun.acquire(blocking=False)
        go_on.set()
    assert results == [True] * 10
