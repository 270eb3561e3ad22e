"""What strangers make us keep at the authorization endpoint is bounded: in size, for a browser, and for an address."""

import pytest
from sqlalchemy import func, select

from authserver.store import requests
from authserver.store.database import Database
from authserver.store.tables import authorization_requests
from authserver.store.tables import federation_attempts as attempts
from authserver.store.upstream import federation_attempts
from tests.flows.browser import Browser
from tests.flows.conftest import MakeProvider
from tests.flows.databases import on_both
from tests.flows.federation.conftest import MakeJourney
from tests.flows.provider import Provider
from tests.flows.relying_party import RelyingParty


def kept(database: Database) -> int:
    with database.read() as connection:
        return int(connection.scalar(select(func.count()).select_from(authorization_requests)) or 0)


@pytest.mark.parametrize("name", ["state", "nonce"])
@pytest.mark.parametrize("character", ["x", "é", "\U0001f600"])
def test_state_and_nonce_of_two_kibibytes_come_back_and_longer_ones_are_refused(
    provider: Provider, browser: Browser, portal: RelyingParty, name: str, character: str
) -> None:
    fits = character * (2048 // len(character.encode()))
    attempt = portal.ask(**{name: fits})
    landing = browser.allow(browser.sign_in(browser.open(attempt.url), "ada"))
    assert landing.answer["state"] == attempt.state
    before = kept(provider.database)
    for who in (browser, provider.browser()):
        asked = portal.ask(**{name: fits + "x"})
        refused = who.open(asked.url)
        assert (refused.is_outside, refused.error) == (True, "invalid_request")
        assert f"{name} has more than 2048 bytes" in refused.answer["error_description"]
        assert refused.answer["state"] == asked.state
    assert kept(provider.database) == before


def test_how_long_state_may_be_is_a_setting(make_provider: MakeProvider) -> None:
    provider = make_provider(state_size=4096)
    landing = provider.browser().open(provider.client("portal").ask(state="x" * 4096).url)
    assert landing.heading == "Sign in"


@on_both
def test_of_the_requests_of_one_browser_the_oldest_go(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    most = requests.MOST_OF_BROWSER
    first = browser.open(portal.ask().url)
    elsewhere = provider.browser().open(portal.ask().url)
    for _ in range(most + 10):
        provider.clock.pass_(1)
        last = browser.open(portal.ask().url)
    assert kept(provider.database) == most + 1
    assert browser.open(first.url).heading == "This sign-in has expired"
    assert elsewhere.heading == "Sign in"
    assert browser.allow(browser.sign_in(last, "ada")).is_outside


def test_an_address_begins_so_many_sign_ins_a_minute_and_is_then_told_to_wait(make_provider: MakeProvider) -> None:
    provider = make_provider(request_limit="5 per hour")
    portal = provider.client("portal")
    signed_in = provider.browser()
    signed_in.sign_in(signed_in.open("/sign-in"), "ada")
    for _ in range(5):
        assert provider.browser().open(portal.ask().url).heading == "Sign in"
    refused = provider.browser().open(portal.ask().url)
    assert (refused.status, refused.heading, refused.is_outside) == (429, "Please wait a moment", False)
    assert 0 < int(refused.headers["Retry-After"]) <= 3600
    assert kept(provider.database) == 5
    # Elsewhere nobody waits, nor does who is signed in, nor who asks without a page.
    assert provider.browser("203.0.113.9").open(portal.ask().url).heading == "Sign in"
    assert signed_in.open(portal.ask().url).heading != "Please wait a moment"
    assert provider.browser().open(portal.ask(prompt="none").url).error == "login_required"


def test_so_it_is_with_the_ways_to_a_provider(make_journey: MakeJourney) -> None:
    journey = make_journey(request_limit="3 per hour")
    _, landing = journey.ask()
    for _ in range(3):
        assert "Refresh" in journey.browser.submit(landing, form=journey.button(landing)).headers
    refused = journey.browser.submit(landing, form=journey.button(landing))
    assert (refused.status, refused.heading) == (429, "Please wait a moment")


def test_of_the_ways_to_a_provider_that_one_browser_began_the_oldest_go(make_journey: MakeJourney) -> None:
    journey = make_journey()
    _, landing = journey.ask()
    for _ in range(federation_attempts.MOST_OF_BROWSER + 5):
        journey.browser.submit(landing, form=journey.button(landing))
    with journey.site.database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(attempts)) == federation_attempts.MOST_OF_BROWSER
    assert journey.through(landing).is_outside
