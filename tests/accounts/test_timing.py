"""No page tells by its time whether somebody has an account: medians lie within a tenth of each other.

What is measured is the time of the processor, which other programs of the machine hardly touch; the clock on the wall
sees whether anything waits. Samples are taken in turn, and more where they do not say yet.
"""

import gc
import statistics
import time
from collections.abc import Callable

import pytest

from authserver.web.afterwards import afterwards
from tests.accounts.conftest import MakeSite
from tests.accounts.site import PASSWORD, Browser, Site

LIMITS = ("signin_limit_account", "signin_limit_address", "signup_limit", "mail_limit_account", "mail_limit_address")
GENEROUS = dict.fromkeys(LIMITS, "1000000 per minute")
# Most of the time where there is one, and little enough for whatever else differs to show beside it.
HASH = {"password_hash_memory": 19456, "password_hash_time": 2, "password_hash_parallelism": 1}
ROUNDS = 8
Samples = tuple[list[float], list[float]]
Attempt = Callable[[int], tuple[Browser, dict[str, str]]]


@pytest.fixture
def site(make_site: MakeSite) -> Site:
    """A server with a hash of the lowest cost that is advised, and without limits that a measurement would run into."""
    site = make_site(signup="open", signin_backoff_max=1, signin_backoff_after=100, **GENEROUS, **HASH)
    site.add("ada", "ada@example.com", "Ada")
    return site


def assert_alike(site: Site, known: Attempt, unknown: Attempt, samples: int) -> None:
    """The medians of two kinds of requests; each attempt gives a browser with its form, and what to send."""
    worked: Samples
    waited: Samples
    worked, waited = ([], []), ([], [])
    for round_ in range(ROUNDS):
        for number in range(samples):
            order = ((0, known), (1, unknown)) if number % 2 else ((1, unknown), (0, known))
            for side, attempt in order:
                browser, fields = attempt(round_ * samples + number)
                afterwards.settle()  # nothing of the request before is still at work
                gc.collect()
                site.clock.now += 60
                started = time.process_time(), time.perf_counter()
                browser.submit(**fields)
                worked[side].append(time.process_time() - started[0])
                waited[side].append(time.perf_counter() - started[1])
        if 0.9 < ratio(worked) < 1.1 and 0.7 < ratio(waited) < 1.4:
            return
    pytest.fail(
        f"the median for a known address is {ratio(worked):.2f} times that for an unknown one, "
        f"{ratio(waited):.2f} times on the wall"
    )


def ratio(samples: Samples) -> float:
    return statistics.median(samples[0]) / statistics.median(samples[1])


def form(site: Site, path: str) -> Browser:
    browser = site.browser()
    browser.visit(path)
    return browser


def test_sign_in(site: Site) -> None:
    wrong = {"password": "wrong"}
    assert_alike(
        site,
        lambda _: (form(site, "/sign-in"), {"username": "ada", **wrong}),
        lambda number: (form(site, "/sign-in"), {"username": f"nobody{number}", **wrong}),
        samples=10,
    )


def test_sign_up(site: Site) -> None:
    chosen = {"password": PASSWORD}
    assert_alike(
        site,
        lambda _: (form(site, "/sign-up"), {"email": "ada@example.com", **chosen}),
        lambda number: (form(site, "/sign-up"), {"email": f"new{number}@example.com", **chosen}),
        samples=10,
    )


def test_forgot(site: Site) -> None:
    assert_alike(
        site,
        lambda _: (form(site, "/forgot"), {"username": "ada"}),
        lambda number: (form(site, "/forgot"), {"username": f"nobody{number}"}),
        samples=10,
    )


def test_verify(site: Site) -> None:
    def waiting(email: str) -> Browser:
        browser = form(site, "/sign-up")
        browser.visit(browser.submit(email=email, password=PASSWORD).headers["Location"])
        return browser

    known, unknown = waiting("ada@example.com"), waiting("new@example.com")
    assert_alike(site, lambda _: (known, {"code": "wrong"}), lambda _: (unknown, {"code": "wrong"}), samples=10)
