"""A code by mail in the place of a password, where a setting allows it."""

import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from authserver.store import addresses
from tests.accounts.post import answer_recoveries
from tests.conftest import make_settings
from tests.flows.browser import Browser, Landing
from tests.flows.conftest import MakeProvider
from tests.flows.databases import always_on_both, on_both
from tests.flows.factors.phone import ASKED, letters, sign_out, with_phone
from tests.flows.provider import Provider
from tests.mail.post import queued

LINK, SENT, SESSION = "Sign in by a code that we email you", "Check your email", "authserver_session"
WRONG = "That code is wrong"


@pytest.fixture
def provider(make_provider: MakeProvider) -> Provider:
    return make_provider(signin_by_mail=True)


def ask(browser: Browser, username: str = "ada", url: str = "/sign-in") -> Landing:
    """Ask for a code, by way of the sign-in page."""
    landing = browser.submit(browser.follow(browser.open(url), LINK), username=username)
    assert landing.heading == SENT, landing.page.words
    return landing


def code_of(provider: Provider) -> str:
    """The code of the newest mail."""
    answer_recoveries(provider.app.server)
    newest = queued(provider.database, provider.app.server.master)[-1]
    assert newest.kind == "sign_in_code"
    found = re.search(r"^ *(\d{8})\s*$", newest.text, re.MULTILINE)
    assert found, newest.text
    return found[1]


@on_both
def test_the_code_signs_in_and_tokens_say_how(provider: Provider, browser: Browser) -> None:
    intranet = provider.client("intranet")
    attempt = intranet.ask()
    sent = ask(browser, "ada@example.com", attempt.url)
    code = code_of(provider)
    tokens = intranet.finish(attempt, browser.submit(sent, code=f"{code[:4]} {code[4:]}"))
    assert (tokens.id_claims["sub"], tokens.id_claims["amr"]) == (provider.people["ada"], ["email"])
    assert provider.events("user:code:requested")[0]["sub"] == provider.people["ada"]
    assert "new_device" in letters(provider)


def test_it_is_off_by_default(make_provider: MakeProvider) -> None:
    browser = make_provider().browser()
    assert LINK not in browser.open("/sign-in").page.words
    assert browser.open("/sign-in/mail").url.endswith("/")


def test_a_server_without_mail_does_not_start_with_it() -> None:
    with pytest.raises(ValidationError, match="signin_by_mail needs mail"):
        make_settings(issuer="https://id.example.com", database_url="postgresql://db/x", signin_by_mail=True)


def test_the_answer_is_the_same_whoever_is_named(provider: Provider) -> None:
    with provider.database.write() as connection:
        addresses.put(connection, provider.people["gus"], "gus@example.com", provider.clock.now, is_verified=False)
    provider.disable("mia")
    seen = set()
    for username in ("ada", "nobody", "mia", "gus"):
        browser = provider.browser()
        sent = ask(browser, username)
        answer_recoveries(provider.app.server)
        wrong = browser.submit(sent, code="00000000")
        assert WRONG in wrong.page.words
        words = [each.page.words.replace(username, "X") for each in (sent, wrong)]
        seen.add((sent.status, wrong.status, *words))
    assert len(seen) == 1
    # An address that nobody has proven, or of somebody who may not come in, gets nothing.
    assert letters(provider) == ["sign_in_code"]


def test_guesses_are_counted_alike_be_there_somebody_or_not(make_provider: MakeProvider) -> None:
    provider = make_provider(signin_by_mail=True, signin_backoff_after=3, signin_limit_address="100 per minute")
    for username in ("ada", "nobody"):
        told = []
        for number in range(4):
            browser = provider.browser(f"198.51.100.{number}")
            sent = ask(browser, username)
            answer_recoveries(provider.app.server)
            told.append(browser.submit(sent, code="00000000").status)
        assert told == [400, 400, 400, 429], username
    browser = provider.browser("203.0.113.7")
    sent, code = ask(browser), code_of(provider)
    assert browser.submit(sent, code=code).status == 429
    from authserver import people
    from authserver.store import users

    with provider.database.write() as connection:
        user = users.by_login(connection, "ada")
        assert user is not None
        people.unlock(people.change_of(provider.app.server, connection), user)
    assert browser.submit(sent, code=code).heading != SENT


def test_a_page_takes_five_guesses_and_then_not_even_the_right_code(make_provider: MakeProvider) -> None:
    provider = make_provider(signin_by_mail=True, signin_backoff_after=100)
    browser = provider.browser()
    sent, code = ask(browser), code_of(provider)
    for _ in range(5):
        assert browser.submit(sent, code="00000000").status == 400
    assert WRONG in browser.submit(sent, code=code).page.words


def test_it_counts_once_for_ten_minutes_in_the_browser_that_asked(provider: Provider, browser: Browser) -> None:
    sent, code = ask(browser), code_of(provider)
    other = provider.browser()
    other.open("/sign-in")
    parts = urlsplit(sent.url)
    assert other.open(f"{parts.path}?{parts.query}").heading == "Sign in by email"
    provider.clock.pass_(599)
    assert browser.submit(sent, code=code).heading == "You’re signed in"
    assert browser.open(f"{parts.path}?{parts.query}").heading == "Sign in by email"
    sign_out(browser)
    sent, code = ask(browser), code_of(provider)
    provider.clock.pass_(600)
    assert "has expired" in browser.submit(sent, code=code).page.words
    assert browser.cookie(SESSION) is None


@always_on_both
def test_of_many_who_send_one_code_at_once_one_gets_in(make_provider: MakeProvider) -> None:
    provider = make_provider(signin_by_mail=True, signin_backoff_after=100)
    browser = provider.browser()
    sent, code = ask(browser), code_of(provider)
    copies = [provider.browser(f"198.51.100.{number}") for number in range(5)]
    for each in copies:
        each.plant("authserver_browser", browser.cookie("authserver_browser") or "")

    def send(number: int) -> bool:
        copies[number].submit(sent, code=code)
        return bool(copies[number].cookie(SESSION))

    with ThreadPoolExecutor(5) as threads:
        assert sum(threads.map(send, range(5))) == 1


def test_who_has_a_second_factor_is_asked_for_it_and_a_mail_is_never_one(provider: Provider, browser: Browser) -> None:
    phone = with_phone(provider)
    sent, code = ask(browser), code_of(provider)
    asked = browser.submit(sent, code=code)
    assert asked.heading == ASKED
    assert browser.cookie(SESSION) is None
    assert LINK not in asked.page.words
    mailed = browser.submit(asked, code=code)
    assert mailed.heading == ASKED
    assert browser.submit(asked, code=phone.code()).heading == "You’re signed in"


def test_a_new_password_or_address_voids_it_and_so_does_the_end_of_the_account(
    provider: Provider, browser: Browser
) -> None:
    from authserver import people
    from authserver.store import users

    for username, act in (("ada", people.disable), ("mia", None)):
        sent, code = ask(browser, username), code_of(provider)
        with provider.database.write() as connection:
            user, change = users.by_login(connection, username), people.change_of(provider.app.server, connection)
            assert user is not None
            if act is not None:
                act(change, user)
            else:
                people.change_email(change, user, "new@example.com", verified=True)
        assert browser.submit(sent, code=code).heading in {SENT, "Sign in by email"}
        assert browser.cookie(SESSION) is None


def test_mails_are_limited_by_who_gets_them_and_from_where(provider: Provider) -> None:
    browser = provider.browser()
    for _ in range(3):
        ask(browser)
    refused = browser.submit(browser.open("/sign-in/mail"), username="ada")
    assert (refused.status, "none was sent" in refused.page.words) == (429, True)
    # Another network has a quota of its own, up to what one mailbox gets.
    for number in range(7):
        ask(provider.browser(f"203.0.113.{number}"))
    late = provider.browser("203.0.113.99")
    assert late.submit(late.open("/sign-in/mail"), username="ada").status == 429


def test_the_database_keeps_no_code(provider: Provider, browser: Browser) -> None:
    ask(browser)
    # As a word, for among the digits of a time there may be those of a code.
    assert not re.search(rf"\b{code_of(provider)}\b", provider.dump())


def test_nobody_is_named_by_nothing(provider: Provider, browser: Browser) -> None:
    assert browser.submit(browser.open("/sign-in/mail"), username="  ").status == 400


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.text(max_size=300), st.text(max_size=60))
def test_whatever_is_typed_opens_nothing(provider: Provider, login: str, code: str) -> None:
    browser = provider.browser()
    answer = browser.submit(browser.open("/sign-in/mail"), username=login)
    assert answer.status in {200, 400, 429}
    if answer.heading == SENT:
        assert browser.submit(answer, code=code).status in {400, 429}
    assert browser.cookie(SESSION) is None
