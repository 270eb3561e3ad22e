"""Every wrong answer of a passkey is refused, in words, and none is taken twice."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.flows.browser import Browser
from tests.flows.conftest import MakeProvider
from tests.flows.databases import always_on_both
from tests.flows.factors.authenticator import BS, UP, UV, Authenticator
from tests.flows.factors.phone import sign_out
from tests.flows.factors.script import add, options_of, send, use
from tests.flows.provider import Provider

MEMBERS = ["id", "rawId", "response", "type"]


WRONG: dict[str, dict[str, Any]] = {
    "origin": {"origin": "https://evil.example"},
    "origin of another port": {"origin": "http://localhost:1"},
    "RP id": {"rp_id": "evil.example"},
    "no user verification": {"flags": UP},
    "no user presence": {"flags": UV},
    "backed up but not eligible": {"flags": UP | UV | BS},
    "type": {"client_data": {"type": "payment.get"}},
    "challenge": {"client_data": {"challenge": "AAAA"}},
    "no challenge": {"client_data": {"challenge": None}},
    "in a frame": {"client_data": {"crossOrigin": True}},
    "user handle": {"user_handle": b"somebody"},
    "another credential": {"credential_id": b"x" * 32},
    "another key": {"key": Authenticator("").key},
}
OF_SIGN_IN = {"user handle", "another credential", "another key"}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_answer_opens_nothing(provider: Provider, browser: Browser, key: Authenticator, wrong: str) -> None:
    for name, value in WRONG[wrong].items():
        setattr(key, name, value)
    landing = use(browser, key)
    assert "wasn’t accepted" in landing.page.words
    assert browser.open("/account").heading == "Sign in"
    assert provider.events("user:passkey:failed")


@pytest.mark.parametrize("wrong", [each for each in WRONG if each not in OF_SIGN_IN])
def test_a_wrong_registration_adds_nothing(provider: Provider, browser: Browser, wrong: str) -> None:
    browser.sign_in(browser.open("/sign-in"), "ada")
    landing = browser.open("/account/factors/passkey")
    authenticator = Authenticator(browser.origin)
    for name, value in WRONG[wrong].items():
        setattr(authenticator, name, value)
    assert "couldn’t be added" in send(browser, landing, authenticator.create(options_of(landing))).page.words
    assert not provider.events("user:factor:added")


@pytest.mark.parametrize(
    "changed",
    [
        {"cose": {}},
        {"cose": {1: 2, 3: -7, -1: 1, -2: b"x", -3: b"y"}},
        {"cose": {1: 3, 3: -257, -1: b"", -2: b""}},
        {"cose": {1: 2, 3: -65535, -1: 1, -2: b"x" * 32, -3: b"y" * 32}},
        {"cose": []},
        {"fmt": "packed"},
        {"fmt": "none", "attStmt": {"x5c": [b"x"]}},
        {"fmt": 7},
        {"authData": b""},
        {"authData": b"x" * 37},
        {"attStmt": None},
    ],
)
def test_malformed_cbor_and_cose_are_refused(provider: Provider, browser: Browser, changed: dict[str, Any]) -> None:
    browser.sign_in(browser.open("/sign-in"), "ada")
    landing = browser.open("/account/factors/passkey")
    sent = Authenticator(browser.origin).create(options_of(landing), **changed)
    assert "couldn’t be added" in send(browser, landing, sent).page.words


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.text(max_size=200),
        st.recursive(
            st.none() | st.text(max_size=20) | st.integers(),
            lambda inner: (
                st.lists(inner) | st.dictionaries(st.sampled_from(["id", "rawId", "response", "type"]), inner)
            ),
        ).map(json.dumps),
        st.just("[" * 5000),
        st.just('{"id":' * 3000),
    )
)
def test_whatever_comes_instead_is_refused_in_words(provider: Provider, junk: str) -> None:
    browser = provider.browser()
    landing = browser.open("/sign-in")
    answer = send(browser, landing, junk)
    assert answer.status in {400, 429}


def test_a_challenge_counts_once_in_its_browser_for_its_purpose(
    provider: Provider, browser: Browser, key: Authenticator
) -> None:
    landing = browser.open("/sign-in")
    sent = key.get(options_of(landing))
    other = provider.browser()
    assert "wasn’t accepted" in send(other, other.open("/sign-in"), sent).page.words
    asked = other.sign_in(other.open("/sign-in"), "ada")
    stolen = key.get(options_of(other.open("/sign-in?another=1")))
    assert "wasn’t accepted" in send(other, asked, stolen).page.words
    assert send(browser, landing, sent).heading != "Sign in"
    sign_out(browser)
    assert "wasn’t accepted" in send(browser, browser.open("/sign-in"), sent).page.words
    landing = browser.open("/sign-in")
    late = key.get(options_of(landing))
    provider.clock.pass_(600)
    assert "wasn’t accepted" in send(browser, landing, late).page.words


@always_on_both
def test_of_many_who_replay_one_answer_at_once_one_gets_in(make_provider: MakeProvider) -> None:
    provider = make_provider()
    key, browser = add(provider, provider.browser("192.0.2.9")), provider.browser()
    landing = browser.open("/sign-in")
    sent = key.get(options_of(landing))
    cookie = browser.cookie("authserver_browser") or ""
    copies = [provider.browser(f"198.51.100.{number}") for number in range(6)]
    for each in copies:
        each.plant("authserver_browser", cookie)

    def replay(number: int) -> bool:
        return send(copies[number], landing, sent).status == 200 and bool(copies[number].cookie("authserver_session"))

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(replay, range(6))) == 1


def test_a_counter_must_go_up_once_there_is_one(provider: Provider, browser: Browser, key: Authenticator) -> None:
    key.counts, key.counter = True, 5
    assert use(browser, key).heading != "Sign in"
    for counter in (5, 4, -1):
        sign_out(browser) if browser.cookie("authserver_session") else None
        key.counter = counter
        assert "wasn’t accepted" in use(browser, key).page.words
    assert len(provider.events("user:passkey:counter_went_back")) == 3
    key.counter = 6
    assert use(browser, key).heading != "Sign in"


def test_the_passkey_of_somebody_else_is_no_second_factor(
    provider: Provider, browser: Browser, key: Authenticator
) -> None:
    theirs = add(provider, provider.browser(), "mia")
    asked = browser.sign_in(browser.open("/sign-in"), "ada")
    assert "wasn’t accepted" in send(browser, asked, theirs.get(options_of(asked))).page.words
    assert browser.open("/account").heading == "Sign in"


def test_neither_the_disabled_nor_the_removed_get_in(provider: Provider, browser: Browser) -> None:
    key = add(provider, browser)
    provider.disable("ada")
    other = provider.browser()
    assert "wasn’t accepted" in use(other, key).page.words
    provider.enable("ada")
    use(other, key)
    landing = other.open("/account/factors")
    form = next(form for form in landing.page.forms if "rename" in str(form.buttons))
    other.submit(landing, "Remove Bitwarden", form=form)
    assert "wasn’t accepted" in use(provider.browser(), key).page.words
