"""Passkeys: added, signed in with, as a second factor, and offered."""

import pytest

from tests.flows.browser import Browser, Landing
from tests.flows.conftest import MakeProvider
from tests.flows.databases import on_both
from tests.flows.factors.authenticator import BE, BS, UP, UV, Authenticator
from tests.flows.factors.phone import ASKED, codes_of, letters
from tests.flows.factors.script import LIST, add, options_of, send, use
from tests.flows.provider import Provider
from tests.flows.relying_party import RelyingParty


@on_both
def test_it_signs_in_without_a_name_or_a_password(
    provider: Provider, browser: Browser, intranet: RelyingParty, key: Authenticator
) -> None:
    attempt = intranet.ask()
    tokens = intranet.finish(attempt, use(browser, key, attempt.url))
    assert (tokens.id_claims["sub"], tokens.id_claims["amr"]) == (provider.people["ada"], ["hwk", "pop", "mfa"])
    # Whoever has shown it is asked for nothing more where both factors are needed.
    assert browser.open("/account/factors").heading == LIST


def test_one_that_is_synced_says_so(provider: Provider, browser: Browser, intranet: RelyingParty) -> None:
    key = add(provider, provider.browser(), flags=UP | UV | BE | BS)
    attempt = intranet.ask()
    assert intranet.finish(attempt, use(browser, key, attempt.url)).id_claims["amr"] == ["swk", "pop", "mfa"]
    words = browser.open("/account/factors").page.words
    assert "Bitwarden" in words
    assert "backed up" in words


@on_both
def test_it_is_a_second_factor_after_the_password(provider: Provider, browser: Browser, key: Authenticator) -> None:
    asked = browser.sign_in(browser.open("/sign-in"), "ada")
    assert asked.heading == ASKED
    assert "need" in asked.page.words
    options = options_of(asked)
    assert len(options["allowCredentials"]) == 1
    assert send(browser, asked, key.get(options)).heading != ASKED
    assert browser.open("/account/factors").heading == LIST


def test_adding_one_gives_recovery_codes_and_is_told(provider: Provider, browser: Browser) -> None:
    browser.sign_in(browser.open("/sign-in"), "ada")
    landing = browser.open("/account/factors/passkey")
    done = send(browser, landing, Authenticator(browser.origin).create(options_of(landing)), name="My key")
    assert len(codes_of(done)) == 10
    assert "My key" in browser.open("/account/factors").page.words
    assert [each["kind"] for each in provider.events("user:factor:added")] == ["passkey"]
    assert letters(provider).count("factors_changed") == 2


def test_one_that_is_there_is_excluded_and_refused(provider: Provider, browser: Browser) -> None:
    key = add(provider, browser)
    landing = browser.open("/account/factors/passkey")
    options = options_of(landing)
    assert len(options["excludeCredentials"]) == 1
    assert "in use already" in send(browser, landing, key.create(options)).page.words
    other = provider.browser()
    other.sign_in(other.open("/sign-in"), "mia")
    landing = other.open("/account/factors/passkey")
    assert "in use already" in send(other, landing, key.create(options_of(landing))).page.words


def test_who_confirms_is_asked_for_their_own_passkeys(provider: Provider, browser: Browser, key: Authenticator) -> None:
    use(browser, key)
    provider.clock.pass_(700)
    landing = browser.open("/account/delete")
    assert landing.heading == "Confirm it’s you"
    options = options_of(landing)
    assert len(options["allowCredentials"]) == 1
    assert send(browser, landing, key.get(options)).heading == "Delete your account"


def test_on_an_ip_address_there_are_none(make_provider: MakeProvider) -> None:
    provider = make_provider(issuer="http://127.0.0.1:8080")
    browser = provider.browser()
    assert "data-passkey" not in browser.open("/sign-in").text
    browser.sign_in(browser.open("/sign-in"), "ada")
    assert browser.open("/account/factors/passkey").heading == LIST


def test_related_origins_are_published(make_provider: MakeProvider) -> None:
    provider = make_provider(passkey_origins=("https://old.example.com",))
    answer = provider.call("GET", "http://localhost:8080/.well-known/webauthn")
    assert answer.get_json() == {"origins": [provider.issuer, "https://old.example.com"]}


@pytest.mark.parametrize(("answer", "days"), [("Not now", 30), ("Never ask again", None)])
def test_a_passkey_is_offered_after_a_password(make_provider: MakeProvider, answer: str, days: int | None) -> None:
    provider = make_provider(passkey_offer=True)
    intranet, offer = provider.client("intranet"), "Sign in faster next time"

    def come() -> Landing:
        browser = provider.browser()
        landing = browser.sign_in(browser.open(intranet.ask().url), "ada")
        if landing.heading != offer:
            assert landing.code
            return landing
        form = next(form for form in landing.page.forms if answer in form.buttons)
        assert browser.submit(landing, answer, form=form).code
        return landing

    assert come().heading == offer
    assert come().heading != offer
    provider.clock.pass_(30 * 86400)
    assert (come().heading == offer) == (days is not None)


def test_who_takes_the_offer_goes_on_to_where_they_were_going(make_provider: MakeProvider) -> None:
    provider = make_provider(passkey_offer=True)
    intranet, browser = provider.client("intranet"), provider.browser()
    attempt = intranet.ask()
    landing = browser.sign_in(browser.open(attempt.url), "ada")
    done = send(browser, landing, Authenticator(browser.origin).create(options_of(landing)))
    assert done.heading == "Your recovery codes"
    tokens = intranet.finish(attempt, browser.open(done.page.links["I’ve kept them"]))
    assert tokens.id_claims["amr"] == ["pwd", "hwk", "pop", "mfa"]
