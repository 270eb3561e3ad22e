"""Proof Key for Code Exchange: required, S256, always checked, never downgraded (RFC 7636, RFC 9700 §2.1.1)."""

import pytest

from tests.flows.browser import Browser
from tests.flows.databases import on_both
from tests.flows.provider import Provider
from tests.flows.relying_party import EVERYTHING, RelyingParty, challenge_of


@pytest.mark.parametrize("client_id", ["portal", "dashboard", "terminal"])
def test_a_request_without_a_challenge_is_refused_at_the_authorization_endpoint(
    provider: Provider, browser: Browser, client_id: str
) -> None:
    client = provider.client(client_id)
    landing = browser.open(client.ask(code_challenge=None, code_challenge_method=None).url)
    assert landing.error == "invalid_request"


@pytest.mark.parametrize(
    ("challenge", "method"),
    [
        ("x" * 43, None),
        ("x" * 43, "plain"),
        ("x" * 43, "s256"),
        ("x" * 43, "S512"),
        ("x" * 42, "S256"),
        ("x" * 44, "S256"),
        ("x" * 42 + "=", "S256"),
        ("x" * 42 + "\n", "S256"),
        (None, "S256"),
        ("", "S256"),
    ],
)
@pytest.mark.parametrize("client_id", ["dashboard", "legacy"])
def test_plain_and_malformed_challenges_are_refused(
    provider: Provider, browser: Browser, client_id: str, challenge: str | None, method: str | None
) -> None:
    client = provider.client(client_id)
    attempt = client.ask(code_challenge=challenge, code_challenge_method=method)
    landing = browser.open(attempt.url)
    assert (landing.error, landing.answer["state"]) == ("invalid_request", attempt.state)


@on_both
@pytest.mark.parametrize("client_id", ["portal", "dashboard"])
@pytest.mark.parametrize("verifier", ["", None, "y" * 43, "y" * 42, "y" * 129, "é" * 43, "y" * 42 + "+"])
def test_a_missing_or_wrong_verifier_fails_for_every_client_and_burns_no_code(
    provider: Provider, browser: Browser, client_id: str, verifier: str | None
) -> None:
    client = provider.client(client_id)
    attempt = client.ask()
    code = client.authorize(browser, attempt).code
    refused = client.redeem(attempt, code, code_verifier=verifier)
    assert refused.status_code == 400
    assert refused.get_json()["error"] == ("invalid_grant" if verifier else "invalid_request")
    client.tokens(client.redeem(attempt, code))


def test_the_challenge_itself_is_no_verifier(browser: Browser, portal: RelyingParty) -> None:
    attempt = portal.ask()
    code = portal.authorize(browser, attempt).code
    refused = portal.redeem(attempt, code, code_verifier=attempt.parameters["code_challenge"])
    assert refused.get_json()["error"] == "invalid_grant"


@pytest.mark.parametrize("length", [43, 128])
def test_verifiers_of_every_allowed_length_are_taken(browser: Browser, portal: RelyingParty, length: int) -> None:
    verifier = "aZ09-._~" * 16
    verifier = verifier[:length]
    attempt = portal.ask(code_challenge=challenge_of(verifier))
    code = portal.authorize(browser, attempt).code
    portal.tokens(portal.redeem(attempt, code, code_verifier=verifier))


def test_a_stolen_code_replayed_without_its_verifier_does_not_end_the_tokens_of_its_owner(
    provider: Provider, browser: Browser, dashboard: RelyingParty
) -> None:
    attempt = dashboard.ask(scope=EVERYTHING)
    code = dashboard.authorize(browser, attempt).code
    tokens = dashboard.tokens(dashboard.redeem(attempt, code))
    # Anybody can name a public client: only the verifier shows who it is.
    assert dashboard.redeem(attempt, code, code_verifier="y" * 43).get_json()["error"] == "invalid_grant"
    assert provider.is_alive(tokens.access_token)


def test_a_client_that_may_do_without_pkce_works_without_it(provider: Provider, browser: Browser) -> None:
    legacy = provider.client("legacy")
    attempt = legacy.ask(code_challenge=None, code_challenge_method=None)
    code = legacy.authorize(browser, attempt).code
    legacy.tokens(legacy.redeem(attempt, code, code_verifier=None))


def test_a_challenge_that_is_sent_is_enforced_even_where_none_is_required(provider: Provider, browser: Browser) -> None:
    legacy = provider.client("legacy")
    attempt = legacy.ask()
    code = legacy.authorize(browser, attempt).code
    assert legacy.redeem(attempt, code, code_verifier=None).get_json()["error"] == "invalid_grant"
    legacy.tokens(legacy.redeem(attempt, code))


@pytest.mark.parametrize("verifier", ["y" * 43, "y" * 42, "y" * 129, "é" * 43])
def test_a_verifier_for_a_request_without_a_challenge_is_refused(
    provider: Provider, browser: Browser, verifier: str
) -> None:
    legacy = provider.client("legacy")
    attempt = legacy.ask(code_challenge=None, code_challenge_method=None)
    code = legacy.authorize(browser, attempt).code
    assert legacy.redeem(attempt, code, code_verifier=verifier).get_json()["error"] == "invalid_grant"


def test_the_challenge_is_that_of_the_request_and_cannot_be_swapped_in_another_tab(
    browser: Browser, portal: RelyingParty
) -> None:
    honest, attacker = portal.ask(), portal.ask()
    first, second = portal.authorize(browser, honest).code, portal.authorize(browser, attacker).code
    assert portal.redeem(attacker, first).get_json()["error"] == "invalid_grant"
    portal.tokens(portal.redeem(honest, first))
    portal.tokens(portal.redeem(attacker, second))
