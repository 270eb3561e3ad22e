"""Many requests in one browser, one request in many: handles are each one's own, and nothing is done twice."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.flows.browser import Browser
from tests.flows.databases import on_both
from tests.flows.provider import Provider
from tests.flows.relying_party import RelyingParty

STALE = "This sign-in has expired"


@on_both
def test_ten_tabs_at_once_each_get_the_code_that_they_asked_for(provider: Provider, browser: Browser) -> None:
    clients = [provider.client(name) for name in ("portal", "intranet", "dashboard", "kiosk", "bank") * 2]
    attempts = [client.ask() for client in clients]
    pages = [browser.open(attempt.url) for attempt in attempts]
    assert {page.heading for page in pages} == {"Sign in"}
    landed = []
    # Signed in in the last tab; the others, still open, are signed in again or reloaded, in any order.
    for index in (9, 0, 4, 7, 2, 1, 8, 3, 6, 5):
        reloaded = browser.open(pages[index].url)
        page = browser.sign_in(reloaded, "ada") if reloaded.heading == "Sign in" else reloaded
        landed.append((index, browser.allow(page) if page.heading.startswith("Allow") else page))
    for index, landing in landed:
        assert landing.url.startswith(clients[index].redirect_uri)
        claims = clients[index].finish(attempts[index], landing).id_claims
        assert (claims["aud"], claims["nonce"]) == (clients[index].client_id, attempts[index].nonce)


def test_ten_sign_in_pages_that_were_opened_together_may_all_be_sent(
    provider: Provider, browser: Browser, intranet: RelyingParty
) -> None:
    attempts = [intranet.ask() for _ in range(10)]
    pages = [browser.open(attempt.url) for attempt in attempts]
    for attempt, page in zip(attempts, pages, strict=True):
        intranet.finish(attempt, browser.sign_in(page, "ada"))


def test_a_page_that_another_tab_has_answered_still_signs_in_somebody_else(
    provider: Provider, browser: Browser, intranet: RelyingParty
) -> None:
    first, second = intranet.ask(), intranet.ask()
    pages = [browser.open(attempt.url) for attempt in (first, second)]
    intranet.finish(first, browser.sign_in(pages[0], "ada"))
    tokens = intranet.finish(second, browser.sign_in(pages[1], "mia"))
    assert tokens.id_claims["sub"] == provider.people["mia"]


def test_a_request_for_a_new_sign_in_is_not_answered_by_the_one_in_another_tab(
    provider: Provider, browser: Browser, intranet: RelyingParty
) -> None:
    waiting = browser.open(intranet.ask(prompt="login").url)
    intranet.sign_in(browser)
    assert browser.sign_in(waiting, "ada", "a wrong password").heading == "Confirm it’s you"


@on_both
def test_ten_tabs_truly_at_the_same_time_all_get_their_code(
    provider: Provider, browser: Browser, intranet: RelyingParty
) -> None:
    intranet.sign_in(browser)
    attempts = [intranet.ask() for _ in range(10)]
    tabs = [_tab_of(provider, browser) for _ in attempts]
    with ThreadPoolExecutor(10) as threads:
        landings = list(threads.map(lambda pair: pair[0].open(pair[1].url), zip(tabs, attempts, strict=True)))
    for attempt, landing in zip(attempts, landings, strict=True):
        intranet.finish(attempt, landing)


@on_both
def test_a_double_click_on_allow_breaks_nothing_and_gives_one_authorization(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    attempt = portal.ask()
    page = browser.sign_in(browser.open(attempt.url), "ada")
    first, second = browser.allow(page), browser.allow(page)
    # The browser shows the answer to the second click: its code replaces the first.
    assert portal.redeem(attempt, first.code).get_json()["error"] == "invalid_grant"
    portal.finish(attempt, second)
    assert len({event["authorization"] for event in provider.events("authorization:request:granted")}) == 1


@on_both
def test_two_clicks_on_allow_at_the_same_time_give_one_authorization(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    attempt = portal.ask()
    page = browser.sign_in(browser.open(attempt.url), "ada")
    tabs = [_tab_of(provider, browser) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        landings = list(threads.map(lambda tab: tab.allow(page), tabs))
    assert all(landing.is_outside for landing in landings)
    answers = [portal.redeem(attempt, landing.code).status_code for landing in landings]
    assert answers.count(200) == 1
    assert len({event["authorization"] for event in provider.events("authorization:request:granted")}) == 1


def test_a_double_click_on_sign_in_breaks_nothing(browser: Browser, portal: RelyingParty) -> None:
    attempt = portal.ask()
    page = browser.open(attempt.url)
    assert browser.sign_in(page, "ada").heading == "Allow Team portal?"
    again = browser.sign_in(page, "ada")
    assert again.heading == "Allow Team portal?"
    portal.finish(attempt, browser.allow(again))


def test_going_back_to_the_sign_in_page_after_signing_in_leads_on(browser: Browser, portal: RelyingParty) -> None:
    attempt = portal.ask()
    page = browser.open(attempt.url)
    browser.sign_in(page, "ada")
    back = browser.open(page.url)
    assert back.heading == "Allow Team portal?"
    portal.finish(attempt, browser.allow(back))


def test_going_back_after_the_code_was_redeemed_gives_a_page_and_ends_nothing(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    attempt = portal.ask()
    consent = browser.sign_in(browser.open(attempt.url), "ada")
    tokens = portal.finish(attempt, browser.allow(consent))
    back = browser.allow(consent)
    assert (back.status, back.heading) == (400, "You already signed in")
    assert "sign in there again" in back.page.words
    assert provider.is_alive(tokens.access_token)


def test_going_back_before_the_code_was_redeemed_gives_a_new_code(browser: Browser, intranet: RelyingParty) -> None:
    attempt = intranet.ask()
    page = browser.open(attempt.url)
    first = browser.sign_in(page, "ada")
    second = browser.open(page.url)
    assert second.code != first.code
    intranet.finish(attempt, second)


@on_both
@pytest.mark.parametrize("page", ["/sign-in?request={}", "/consent?request={}", "/refused?request={}", "/authorize/{}"])
def test_a_handle_of_another_browser_gives_a_page_that_says_how_to_start_again(
    provider: Provider, browser: Browser, portal: RelyingParty, page: str
) -> None:
    handle = browser.open(portal.ask().url).url.partition("request=")[2]
    other = provider.browser()
    portal.sign_in(other, "mia")
    landing = other.open(page.format(handle))
    assert (landing.status, landing.heading) == (400, STALE)
    assert "sign in there again" in landing.page.words


@pytest.mark.parametrize("handle", ["", "x", "x" * 32, "x" * 5000, "é", "%00", "%2e%2e%2f", "' OR 1=1 --"])
@pytest.mark.parametrize("page", ["/sign-in?request={}", "/consent?request={}", "/refused?request={}", "/authorize/{}"])
def test_a_handle_that_never_was_gives_a_page(browser: Browser, page: str, handle: str) -> None:
    landing = browser.open(page.format(handle))
    assert landing.status in {400, 404}
    assert not landing.is_outside


def test_a_stale_handle_gives_a_page_that_says_how_to_start_again(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    page = browser.open(portal.ask().url)
    provider.clock.pass_(1799)
    assert browser.open(page.url).heading == "Sign in"
    provider.clock.pass_(1)
    for stale in (browser.open(page.url), browser.sign_in(page, "ada")):
        assert (stale.status, stale.heading) == (400, STALE)


def test_a_request_of_a_client_that_was_removed_meanwhile_is_stale(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    page = browser.open(portal.ask().url)
    provider.amend("client_id: portal", "client_id: portal-2")
    assert browser.sign_in(page, "ada").heading == STALE


@on_both
def test_a_person_who_signed_in_in_another_tab_has_not_consented_to_what_was_shown_before(
    provider: Provider, browser: Browser, portal: RelyingParty, intranet: RelyingParty
) -> None:
    attempt = portal.ask()
    shown_to_ada = browser.sign_in(browser.open(attempt.url), "ada")
    assert shown_to_ada.heading == "Allow Team portal?"
    change = intranet.ask(prompt="login")
    intranet.finish(change, browser.sign_in(browser.open(change.url), "mia"))

    asked_again = browser.allow(shown_to_ada)
    assert asked_again.heading == "Allow Team portal?"
    assert "Mia Example" in asked_again.page.words
    tokens = portal.finish(attempt, browser.allow(asked_again))
    assert tokens.id_claims["sub"] == provider.people["mia"]


def test_a_code_is_not_reissued_to_another_person_who_signed_in_since(
    provider: Provider, browser: Browser, intranet: RelyingParty
) -> None:
    attempt = intranet.ask()
    page = browser.open(attempt.url)
    browser.sign_in(page, "ada")
    change = intranet.ask(prompt="login")
    browser.sign_in(browser.open(change.url), "mia")
    landing = browser.open(page.url)
    assert (landing.status, landing.heading) == (400, "You already signed in")


@on_both
def test_two_browsers_of_one_person_do_not_disturb_each_other(provider: Provider, portal: RelyingParty) -> None:
    one, other = provider.browser(), provider.browser()
    first, second = portal.ask(), portal.ask()
    page_one, page_other = one.open(first.url), other.open(second.url)
    page_one, page_other = one.sign_in(page_one, "ada"), other.sign_in(page_other, "ada")
    tokens_one = portal.finish(first, one.allow(page_one))
    tokens_other = portal.finish(second, other.allow(page_other))
    one.submit(one.open("/"), "Sign out")
    assert not provider.is_alive(tokens_one.access_token)
    assert provider.is_alive(tokens_other.access_token)
    assert other.open("/").heading == "You’re signed in"


def test_only_the_handle_travels_through_the_pages(browser: Browser, portal: RelyingParty) -> None:
    attempt = portal.ask()
    sign_in = browser.open(attempt.url)
    consent = browser.sign_in(sign_in, "ada")
    for page in (sign_in, consent):
        assert re.fullmatch(r"http://localhost:8080/(sign-in|consent)\?request=[\w-]{32}", page.url)
        assert page.page.form.fields.keys() <= {"csrf_token", "username", "password", "credential"}
        for value in (attempt.state, attempt.nonce, attempt.parameters["code_challenge"]):
            assert value not in page.text


def _tab_of(provider: Provider, browser: Browser) -> Browser:
    tab = provider.browser()
    for name in ("authserver_session", "authserver_browser"):
        tab.plant(name, browser.cookie(name) or "")
    return tab
