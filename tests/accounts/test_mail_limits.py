"""How many mails may be asked for: no mailbox is flooded, and nobody is promised a mail that never comes."""

from collections.abc import Callable

import pytest
from limits import parse

from tests.accounts.conftest import MakeSite
from tests.accounts.post import letters
from tests.accounts.site import CLIENTS, PASSWORD, Browser, Site

REFUSED = "Too many emails were requested, so none was sent this time."
Ask = Callable[[Browser, str], int]


@pytest.fixture
def site(make_site: MakeSite) -> Site:
    """A server that anybody may sign up to, with Ada in it."""
    site = make_site(CLIENTS + "default_role: user\n", signup="open")
    site.add("ada", "ada@example.com", "Ada")
    return site


def at(site: Site, address: str) -> Browser:
    """A browser somewhere."""
    browser = site.browser()
    browser.environ_base["REMOTE_ADDR"] = address
    return browser


def sign_up(browser: Browser, email: str) -> int:
    browser.visit("/sign-up")
    return said(browser, email=email, password=PASSWORD)


def forgot(browser: Browser, login: str) -> int:
    browser.visit("/forgot")
    return said(browser, username=login)


def change(browser: Browser, email: str) -> int:
    """Of whoever signs in as mallory."""
    browser.visit("/account/email")
    if not browser.action.endswith("/account/email"):
        browser.sign_in("mallory")
        browser.visit("/account/email")
    return said(browser, email=email)


def said(browser: Browser, **fields: str) -> int:
    answer = browser.submit(**fields)
    assert (REFUSED in answer.text) == (answer.status_code == 429), answer.text
    assert ("Retry-After" in answer.headers) == (answer.status_code == 429)
    return answer.status_code


def mails(site: Site) -> int:
    return len(letters(site))


@pytest.mark.parametrize(
    ("ask", "whose"),
    [(sign_up, "eve@example.com"), (sign_up, "ada@example.com"), (forgot, "ada"), (change, "eve@example.com")],
)
def test_what_a_stranger_asks_for_leaves_the_owner_their_own(site: Site, ask: Ask, whose: str) -> None:
    site.add("mallory", "mallory@example.com")
    stranger = at(site, "203.0.113.1")
    assert 429 not in [ask(stranger, whose) for _ in range(3)]
    assert ask(stranger, whose) == 429
    before = mails(site)
    owner = at(site, "198.51.100.1")
    assert (forgot if ask is forgot else sign_up)(owner, whose) < 400
    assert mails(site) == before + 1


@pytest.mark.parametrize(
    ("ask", "known", "unknown"), [(sign_up, "ada@example.com", "eve@example.com"), (forgot, "ada", "nobody")]
)
def test_past_the_bound_of_a_mailbox_who_asks_is_told_so_whether_there_is_an_account_or_not(
    site: Site, ask: Ask, known: str, unknown: str
) -> None:
    statuses = {}
    for whose in (known, unknown):
        before = mails(site)
        statuses[whose] = [ask(at(site, f"203.0.113.{number}"), whose) for number in range(12)]
        assert mails(site) - before == (0 if whose == "nobody" else 10)
    assert statuses[known] == statuses[unknown]
    assert statuses[known][9:] == [statuses[known][0], 429, 429]


def test_what_was_refused_for_others_takes_nothing_from_who_asked(make_site: MakeSite) -> None:
    site = make_site(CLIENTS, signup="open", mail_limit_recipient="2 per hour", mail_limit_address="100 per hour")
    for number in range(2):
        sign_up(at(site, f"203.0.113.{number}"), "eve@example.com")
    owner, limiter = at(site, "198.51.100.1"), site.app.server.limiter
    assert [sign_up(owner, "eve@example.com") for _ in range(5)] == [429] * 5
    limiter.limiter.storage.clear(parse("2 per hour").key_for("sign_up", "eve@example.com"))
    assert sign_up(owner, "eve@example.com") == 303


def test_another_spelling_is_no_other_mailbox(site: Site) -> None:
    stranger = at(site, "203.0.113.1")
    spelt = ["eve@example.com", "EVE@example.com", " eve@Example.com", "Eve@EXAMPLE.COM"]
    assert [sign_up(stranger, email) for email in spelt] == [303, 303, 303, 429]


def test_a_code_that_cannot_be_sent_once_more_stays_good(site: Site) -> None:
    browser = at(site, "198.51.100.1")
    sign_up(browser, "eve@example.com")
    browser.visit("/sign-up")
    browser.visit(browser.submit(email="eve@example.com", password=PASSWORD).headers["Location"])
    browser.visit(browser.submit(resend="y").headers["Location"])
    code = letters(site)[-1].code
    assert said(browser, resend="y") == 429
    assert browser.submit(code=code).status_code == 303
