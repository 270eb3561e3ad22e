"""The optional parameters of a request, by each way that it may come (OpenID Connect Core §3.1.2.1, §5.2)."""

from collections.abc import Callable

import pytest

from tests.flows.browser import Browser
from tests.flows.provider import Provider
from tests.flows.relying_party import Attempt, RelyingParty
from tests.flows.test_request_object import as_object

Way = Callable[[RelyingParty, Attempt], Attempt]
WAYS: dict[str, Way] = {
    "plain": lambda _client, attempt: attempt,
    "pushed": lambda client, attempt: client.pushed(attempt),
    "signed": as_object,
}
by_each_way = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


@pytest.fixture
def vault(provider: Provider) -> RelyingParty:
    """A web application that may ask by any way, consent never asked."""
    return provider.client("vault")


@by_each_way
@pytest.mark.parametrize(
    "parameters",
    [
        pytest.param({"display": "page"}, id="oidcc-display-page"),
        pytest.param({"display": "popup"}, id="oidcc-display-popup"),
        pytest.param({"display": "hologram"}, id="a display that nobody knows"),
        pytest.param({"claims_locales": "se de-CH"}, id="oidcc-claims-locales"),
        pytest.param({"claims_locales": "\u202e , ;"}, id="claims_locales that are none"),
        pytest.param({"ui_locales": "se xx-nonsense"}, id="oidcc-ui-locales"),
        pytest.param({"acr_values": "1"}, id="oidcc-ensure-request-with-acr-values-succeeds"),
        pytest.param({"extra": "foobar"}, id="oidcc-ensure-request-with-unknown-parameter-succeeds"),
    ],
)
def test_what_is_a_wish_never_keeps_anybody_from_signing_in(
    browser: Browser, vault: RelyingParty, way: Way, parameters: dict[str, str]
) -> None:
    attempt = way(vault, vault.ask(**parameters))
    tokens = vault.finish(attempt, vault.authorize(browser, attempt))
    assert tokens.id_claims["nonce"] == attempt.nonce
    assert tokens.id_claims["acr"]


@by_each_way
def test_ui_locales_choose_the_language_of_the_pages(browser: Browser, vault: RelyingParty, way: Way) -> None:
    assert browser.open(way(vault, vault.ask(ui_locales="xx de en")).url).heading == "Anmelden"


@by_each_way
def test_login_hint_fills_in_the_form(browser: Browser, vault: RelyingParty, way: Way) -> None:
    landing = browser.open(way(vault, vault.ask(login_hint="ada@example.com")).url)
    assert landing.page.form.fields["username"] == "ada@example.com"


@by_each_way
def test_id_token_hint_with_prompt_none_names_who_is_meant(
    provider: Provider, browser: Browser, vault: RelyingParty, way: Way
) -> None:
    hint = vault.sign_in(browser).id_token
    attempt = way(vault, vault.ask(id_token_hint=hint, prompt="none"))
    assert vault.finish(attempt, browser.open(attempt.url)).id_claims["sub"] == provider.people["ada"]
    other = provider.browser()
    vault.sign_in(other, "mia")
    assert other.open(way(vault, vault.ask(id_token_hint=hint, prompt="none")).url).error == "login_required"


@by_each_way
def test_max_age_asks_again_where_the_sign_in_is_too_old(
    provider: Provider, browser: Browser, vault: RelyingParty, way: Way
) -> None:
    vault.sign_in(browser)
    provider.clock.pass_(100)
    attempt = way(vault, vault.ask(max_age="10000"))
    assert vault.finish(attempt, browser.open(attempt.url)).id_claims["auth_time"] == provider.clock.now - 100
    assert browser.open(way(vault, vault.ask(max_age="1")).url).heading == "Confirm it’s you"


@by_each_way
def test_claims_ask_for_single_ones_and_one_that_is_lacking_is_no_error(
    browser: Browser, vault: RelyingParty, way: Way
) -> None:
    wanted = '{"id_token": {"email": {"essential": true}, "made_up": {"essential": true}}}'
    attempt = way(vault, vault.ask(claims=wanted))
    tokens = vault.finish(attempt, vault.authorize(browser, attempt))
    assert tokens.id_claims["email"] == "ada@example.com"
    assert "made_up" not in tokens.id_claims
