"""`max_age`: how old a sign-in may be (OpenID Connect Core §3.1.2.1)."""

import pytest

from tests.flows.browser import Browser
from tests.flows.databases import on_both
from tests.flows.provider import START, Provider
from tests.flows.relying_party import RelyingParty


@on_both
def test_a_sign_in_that_is_too_old_is_done_again_and_auth_time_moves(
    provider: Provider, browser: Browser, intranet: RelyingParty
) -> None:
    intranet.sign_in(browser)
    provider.clock.pass_(99)
    attempt = intranet.ask(max_age="100")
    assert intranet.finish(attempt, browser.open(attempt.url)).id_claims["auth_time"] == START
    provider.clock.pass_(2)
    attempt = intranet.ask(max_age="100")
    page = browser.open(attempt.url)
    assert page.heading == "Confirm it’s you"
    assert intranet.finish(attempt, browser.sign_in(page, "ada")).id_claims["auth_time"] == START + 101


def test_zero_asks_always_and_ends(browser: Browser, intranet: RelyingParty) -> None:
    intranet.sign_in(browser)
    attempt = intranet.ask(max_age="0")
    page = browser.open(attempt.url)
    assert page.heading == "Confirm it’s you"
    intranet.finish(attempt, browser.sign_in(page, "ada"))
    assert browser.open(intranet.ask(max_age="0").url).heading == "Confirm it’s you"


def test_it_cannot_be_shed_by_reloading_or_starting_again(
    provider: Provider, browser: Browser, intranet: RelyingParty
) -> None:
    intranet.sign_in(browser)
    provider.clock.pass_(100)
    page = browser.open(intranet.ask(max_age="10").url)
    handle = page.url.partition("request=")[2]
    assert browser.open(f"/authorize/{handle}").heading == "Confirm it’s you"
    assert browser.open(intranet.ask(max_age="10").url).heading == "Confirm it’s you"


def test_a_sign_in_under_the_request_counts_however_long_its_consent_takes(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    attempt = portal.ask(max_age="10")
    page = browser.sign_in(browser.open(attempt.url), "ada")
    provider.clock.pass_(600)
    portal.finish(attempt, browser.allow(page))


@pytest.mark.parametrize("value", ["-1", "1.5", "1e3", "x", " 1", "0x10", "٣", "99999999999", "[]", "null", "+1"])
def test_what_is_no_number_of_seconds_is_an_error(browser: Browser, intranet: RelyingParty, value: str) -> None:
    intranet.sign_in(browser)
    attempt = intranet.ask(max_age=value)
    landing = browser.open(attempt.url)
    assert (landing.error, landing.answer["state"]) == ("invalid_request", attempt.state)
