"""`allow: {roles: …}`: who may sign in to a client at all."""

import pytest

from tests.flows.browser import Browser
from tests.flows.databases import on_both
from tests.flows.provider import Provider

NO_ACCESS = "No access to Back office"


@pytest.mark.parametrize("username", ["mia", "root"])
def test_a_person_with_one_of_the_roles_gets_in(provider: Provider, browser: Browser, username: str) -> None:
    claims = provider.client("backoffice").sign_in(browser, username).id_claims
    assert claims["sub"] == provider.people[username]


@on_both
@pytest.mark.parametrize("username", ["gus", "ada"])
def test_a_person_without_is_told_so_and_may_go_back_or_be_somebody_else(
    provider: Provider, browser: Browser, username: str
) -> None:
    backoffice = provider.client("backoffice")
    attempt = backoffice.ask()
    page = browser.sign_in(browser.open(attempt.url), username)
    assert (page.status, page.heading) == (403, NO_ACCESS)

    as_mia = browser.sign_in(browser.follow(page, "Use another account"), "mia")
    assert backoffice.finish(attempt, as_mia).id_claims["sub"] == provider.people["mia"]


@on_both
def test_going_back_tells_the_client_access_denied_for_good(provider: Provider, browser: Browser) -> None:
    attempt = provider.client("backoffice").ask()
    page = browser.sign_in(browser.open(attempt.url), "ada")
    landing = browser.submit(page, "Go back to Back office")
    assert (landing.error, landing.answer["state"]) == ("access_denied", attempt.state)
    provider.give_roles("ada", "admin")
    assert browser.open(page.url.replace("/refused?request=", "/authorize/")).error == "access_denied"


def test_whoever_may_or_nobody_is_not_told_that_they_may_not(provider: Provider, browser: Browser) -> None:
    backoffice = provider.client("backoffice")
    attempt = backoffice.ask()
    page = browser.open(attempt.url)
    as_nobody = browser.open(page.url.replace("/sign-in?", "/refused?"))
    assert as_nobody.url == page.url
    browser.sign_in(page, "mia")
    waiting = browser.open(backoffice.ask(prompt="login").url)
    assert browser.open(waiting.url.replace("/sign-in?", "/refused?")).url == waiting.url
    assert list(provider.events("authorization:request:refused")) == []


def test_with_prompt_none_the_client_hears_access_denied_at_once(provider: Provider, browser: Browser) -> None:
    browser.sign_in(browser.open("/sign-in"), "ada")
    assert browser.open(provider.client("backoffice").ask(prompt="none").url).error == "access_denied"


@on_both
def test_a_role_given_or_taken_away_counts_at_the_next_request(provider: Provider, browser: Browser) -> None:
    backoffice = provider.client("backoffice")
    page = browser.sign_in(browser.open(backoffice.ask().url), "ada")
    assert page.heading == NO_ACCESS
    provider.give_roles("ada", "moderator")
    backoffice.sign_in(browser)
    provider.give_roles("ada", "user")
    assert browser.open(backoffice.ask().url).heading == NO_ACCESS


@on_both
def test_a_role_taken_away_also_ends_what_the_client_can_refresh(provider: Provider, browser: Browser) -> None:
    backoffice = provider.client("backoffice")
    tokens = backoffice.sign_in(browser, "mia", scope="openid offline_access")
    provider.give_roles("mia", "user")
    assert backoffice.refresh(tokens.refresh_token).get_json()["error"] == "invalid_grant"


def test_a_role_taken_away_between_code_and_token_gives_no_token(provider: Provider, browser: Browser) -> None:
    backoffice = provider.client("backoffice")
    attempt = backoffice.ask()
    code = backoffice.authorize(browser, attempt, "mia").code
    provider.give_roles("mia", "user")
    assert backoffice.redeem(attempt, code).get_json()["error"] == "invalid_grant"


def test_the_page_cannot_be_gone_round(provider: Provider, browser: Browser) -> None:
    page = browser.sign_in(browser.open(provider.client("backoffice").ask().url), "ada")
    handle = page.url.partition("request=")[2]
    for way_round in (f"/authorize/{handle}", f"/consent?request={handle}", f"/sign-in?request={handle}"):
        assert browser.open(way_round).heading == NO_ACCESS


def test_leaving_by_a_forged_post_is_refused(provider: Provider, browser: Browser) -> None:
    page = browser.sign_in(browser.open(provider.client("backoffice").ask().url), "ada")
    assert browser.post(page.page.form.action, page.page.form.fields).status == 403


def test_they_are_told_so_in_the_language_that_the_client_asks_for(provider: Provider, browser: Browser) -> None:
    browser.sign_in(browser.open("/sign-in"), "ada")
    page = browser.open(provider.client("backoffice").ask(ui_locales="de").url)
    assert (page.status, page.heading) == (403, "Kein Zugang zu Back office")
