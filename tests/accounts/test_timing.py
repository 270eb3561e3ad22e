"""No page tells by its time whether somebody has an account: it does the same work for each.

Work is counted, since a clock tells of the machine as well: hashes and SQL statements, which take most of the time, are
the same, one by one; calls of functions, which are the rest, are as many.
"""

import re
import statistics
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import event

from tests.accounts.conftest import MakeSite
from tests.accounts.post import answer_recoveries
from tests.accounts.site import PASSWORD, Browser, Site

LIMITS = (
    "signin_limit_account",
    "signin_limit_address",
    "signup_limit",
    "mail_limit_account",
    "mail_limit_recipient",
    "mail_limit_address",
)
GENEROUS = dict.fromkeys(LIMITS, "1000000 per minute")
ROUNDS = 5
# As SQLite tells them, with the values of each.
VALUE = re.compile(r"x?'[^']*'|\b\d+\b|NULL")
Attempt = Callable[[int], tuple[Browser, dict[str, str]]]


@dataclass
class Work:
    """What the thread of this test does while it is counted. A hash is written down by whoever waits for it."""

    hashes: list[tuple[str, int, int]] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    calls: int = 0
    _thread: int = field(default_factory=threading.get_ident)

    def execute(self, statement: str) -> None:
        if threading.get_ident() == self._thread:
            self.statements.append(VALUE.sub("?", statement))

    def call(self, _frame: Any, what: str, _function: Any) -> None:
        self.calls += what in ("call", "c_call")


@dataclass
class Counted:
    """A server, and the work that it is counted on."""

    site: Site
    work: Work = field(default_factory=Work)

    def execute(self, statement: str) -> None:
        self.work.execute(statement)

    def submit(self, browser: Browser, fields: dict[str, str]) -> Work:
        """The work of one answer."""
        # Nothing of the requests before is still at work, or done along with this one.
        answer_recoveries(self.site.app.server)
        self.site.app.server.recorder.flush()
        self.site.clock.now += 60
        self.work = work = Work()
        sys.setprofile(work.call)
        try:
            browser.submit(**fields)
        finally:
            sys.setprofile(None)
            self.work = Work()
        return work


@pytest.fixture
def counted(make_site: MakeSite, monkeypatch: pytest.MonkeyPatch) -> Counted:
    """A server without limits that ten requests would run into."""
    site = make_site(signup="open", signin_backoff_max=1, signin_backoff_after=100, **GENEROUS)
    site.add("ada", "ada@example.com", "Ada")
    counted = Counted(site)
    for name in ("hash", "verify"):
        monkeypatch.setattr(PasswordHasher, name, _noting(name, getattr(PasswordHasher, name), counted))
    engine = site.app.server.database.engine
    event.listen(engine, "connect", lambda connection, _: connection.set_trace_callback(counted.execute))
    engine.dispose()
    return counted


def _noting(name: str, do: Callable[..., Any], counted: Counted) -> Callable[..., Any]:
    def noting(hasher: PasswordHasher, *arguments: Any) -> Any:
        counted.work.hashes.append((name, hasher.memory_cost, hasher.time_cost))
        return do(hasher, *arguments)

    return noting


def assert_alike(counted: Counted, known: Attempt, unknown: Attempt, *, hashes: list[str]) -> None:
    """Two kinds of requests are the same work; each attempt gives a browser with its form, and what to send."""
    calls: tuple[list[int], list[int]] = ([], [])
    # What is made once, for all that follow, is made in the first.
    for number in range(-1, ROUNDS):
        one, other = (counted.submit(*attempt(number + 1)) for attempt in (known, unknown))
        assert [name for name, *_ in one.hashes] == hashes
        assert one.hashes == other.hashes
        assert "COMMIT" in one.statements
        assert one.statements == other.statements
        if number >= 0:
            calls[0].append(one.calls)
            calls[1].append(other.calls)
    ratio = statistics.median(calls[0]) / statistics.median(calls[1])
    assert 0.95 < ratio < 1.05, f"for a known address {ratio:.2f} times as many functions are called"


def form(site: Site, path: str) -> Browser:
    browser = site.browser()
    browser.visit(path)
    return browser


def test_sign_in(counted: Counted) -> None:
    site, wrong = counted.site, {"password": "wrong"}
    assert_alike(
        counted,
        lambda _: (form(site, "/sign-in"), {"username": "ada", **wrong}),
        lambda number: (form(site, "/sign-in"), {"username": f"nobody{number}", **wrong}),
        hashes=["verify"],
    )


def test_sign_up(counted: Counted) -> None:
    site, chosen = counted.site, {"password": PASSWORD}
    assert_alike(
        counted,
        lambda _: (form(site, "/sign-up"), {"email": "ada@example.com", **chosen}),
        lambda number: (form(site, "/sign-up"), {"email": f"new{number}@example.com", **chosen}),
        hashes=["hash"],
    )


def test_forgot(counted: Counted) -> None:
    site = counted.site
    assert_alike(
        counted,
        lambda _: (form(site, "/forgot"), {"username": "ada"}),
        lambda number: (form(site, "/forgot"), {"username": f"nobody{number}"}),
        hashes=[],
    )


def test_verify(counted: Counted) -> None:
    def waiting(email: str) -> Browser:
        browser = form(counted.site, "/sign-up")
        browser.visit(browser.submit(email=email, password=PASSWORD).headers["Location"])
        return browser

    known, unknown = waiting("ada@example.com"), waiting("new@example.com")
    assert_alike(counted, lambda _: (known, {"code": "wrong"}), lambda _: (unknown, {"code": "wrong"}), hashes=[])
