"""Levels that a client, an API, or a role requires: asked for at a sign-in, and held to wherever tokens are issued."""

import re

import pytest

from tests.flows.browser import Browser
from tests.flows.conftest import MakeProvider
from tests.flows.databases import on_both
from tests.flows.device import waiting
from tests.flows.factors.levels import SET_UP, UNMET, declare, essential, require, signed_in, stepped_up
from tests.flows.factors.phone import ASKED, Phone, set_up, with_phone
from tests.flows.provider import Provider
from tests.flows.registry import REPORTS, USERS
from tests.flows.relying_party import RelyingParty, Tokens
from tests.flows.test_step_up import api as application
from tests.flows.test_step_up import call, demanded, guarded
from tests.flows.test_token_exchange import RULES, exchange

MODERATOR = "  moderator: [read:users, write:users, read:reports, write:reports]\n"
REQUIRING = "  moderator: {require: silver, permissions: [read:users, write:users, read:reports, write:reports]}\n"
INSUFFICIENT = "insufficient_user_authentication"


@pytest.fixture
def provider(make_provider: MakeProvider) -> Provider:
    """A server with levels, whose device of ada's needs no second factor."""
    provider = make_provider()
    declare(provider)
    provider.amend("    consent: once\n", "    consent: never\n")
    return provider


@pytest.fixture
def at_ease(provider: Provider, browser: Browser, phone: Phone) -> Browser:
    """Ada's browser, where she is signed in by her password alone."""
    landing = browser.submit(browser.sign_in(browser.open("/sign-in"), "ada"), code=phone.next_code(), trust="y")
    browser.submit(landing, form=next(form for form in landing.page.forms if "Sign out" in form.buttons))
    assert browser.sign_in(browser.open("/sign-in"), "ada").heading != ASKED
    return browser


def declare_requiring(provider: Provider) -> None:
    """Moderators need silver; the service that was one, too, is a guest."""
    text = provider.clients_file.read_text().replace("    roles: [moderator]\n", "    roles: [guest]\n")
    assert MODERATOR in text
    assert provider.declare(text.replace(MODERATOR, REQUIRING))


def acr(tokens: Tokens) -> str:
    return str(tokens.access_claims["acr"])


def refused(answer: object) -> tuple[int, str, str]:
    body = answer.get_json()  # type: ignore[attr-defined]
    return answer.status_code, body["error"], body["acr_values"]  # type: ignore[attr-defined]


@on_both
@pytest.mark.parametrize("where", ["portal", "reports"])
def test_who_requires_a_level_gets_nobody_at_less(
    provider: Provider, at_ease: Browser, portal: RelyingParty, phone: Phone, where: str
) -> None:
    require(provider, where)
    assert at_ease.open(portal.ask(prompt="none").url).error == "login_required"
    assert acr(stepped_up(at_ease, portal, phone)) == "silver"
    assert acr(portal.sign_in(at_ease)) == "silver"
    assert at_ease.open(portal.ask(prompt="none").url).is_outside


def test_who_asks_for_less_than_is_required_gets_what_is_required(
    provider: Provider, at_ease: Browser, portal: RelyingParty, phone: Phone
) -> None:
    require(provider, "reports")
    assert acr(stepped_up(at_ease, portal, phone, acr_values="bronze")) == "silver"


def test_an_api_that_is_not_asked_for_requires_nothing(
    provider: Provider, at_ease: Browser, portal: RelyingParty, phone: Phone
) -> None:
    require(provider, "reports", "gold")
    tokens = portal.sign_in(at_ease, resource=USERS)
    assert (acr(tokens), tokens.access_claims["aud"]) == ("bronze", USERS)
    assert at_ease.open(portal.ask(scope="openid read:users").url).is_outside
    assert at_ease.open(portal.ask(scope="openid read:reports").url).heading == ASKED
    asked = portal.ask(resource=REPORTS, prompt="none")
    assert at_ease.open(asked.url).error == "interaction_required"


@on_both
def test_what_was_given_at_less_is_not_refreshed_for_an_api_that_needs_more(
    provider: Provider, at_ease: Browser, portal: RelyingParty, phone: Phone
) -> None:
    tokens = portal.sign_in(at_ease, scope="openid offline_access")
    require(provider, "reports")
    answer = portal.refresh(tokens.refresh_token)
    assert refused(answer) == (400, INSUFFICIENT, "silver")
    # The refresh token is neither spent nor void: it is good for the other API.
    tokens = portal.refreshed(tokens, resource=USERS)
    assert acr(tokens) == "bronze"
    again = stepped_up(
        at_ease, portal, phone, scope="openid offline_access", acr_values=answer.get_json()["acr_values"]
    )
    assert acr(portal.refreshed(again)) == "silver"
    # What was given before is not lifted by what was done since.
    assert refused(portal.refresh(tokens.refresh_token)) == (400, INSUFFICIENT, "silver")


def test_a_code_that_was_given_at_less_buys_nothing_there_and_is_not_spent(
    provider: Provider, at_ease: Browser, portal: RelyingParty
) -> None:
    attempt = portal.ask()
    code = at_ease.open(attempt.url).code
    require(provider, "reports", "gold")
    assert refused(portal.redeem(attempt, code)) == (400, INSUFFICIENT, "gold")
    assert portal.redeem(attempt, code, resource=USERS).status_code == 200


def test_a_client_that_requires_more_than_before_refreshes_nothing(
    provider: Provider, at_ease: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(at_ease, scope="openid offline_access")
    require(provider, "portal")
    assert refused(portal.refresh(tokens.refresh_token, resource=USERS)) == (400, INSUFFICIENT, "silver")


def test_no_api_exchanges_a_token_for_more_than_its_person_reached(
    provider: Provider, at_ease: Browser, portal: RelyingParty, phone: Phone
) -> None:
    provider.amend("    audience: https://reports.example.com\n", f"    audience: {REPORTS}\n{RULES}")
    provider.amend("    audience: https://users.example.com\n", f"    audience: {USERS}\n    require_acr: silver\n")
    low = portal.sign_in(at_ease)
    assert refused(exchange(provider, low.access_token)) == (400, INSUFFICIENT, "silver")
    high = stepped_up(at_ease, portal, phone, acr_values="silver")
    assert exchange(provider, high.access_token).status_code == 200


def test_a_device_gets_its_tokens_after_the_person_stepped_up(
    provider: Provider, at_ease: Browser, phone: Phone
) -> None:
    require(provider, "reports")
    device = waiting(provider, scope="openid")
    landing = device.entered(at_ease)
    assert landing.heading == ASKED
    at_ease.allow(at_ease.submit(landing, code=phone.next_code()))
    assert acr(device.tokens()) == "silver"


def test_a_device_may_wish_for_a_level(provider: Provider, at_ease: Browser, phone: Phone) -> None:
    device = waiting(provider, scope="openid", acr_values="silver")
    at_ease.allow(at_ease.submit(device.entered(at_ease), code=phone.next_code()))
    assert acr(device.tokens()) == "silver"


def test_who_goes_back_instead_refuses_the_device(provider: Provider, browser: Browser) -> None:
    require(provider, "reports")
    device = waiting(provider, scope="openid")
    landing = device.entered(browser)
    assert landing.heading == SET_UP
    browser.submit(landing, "Go back to Living room")
    assert device.hears() == "access_denied"


def test_a_pushed_request_is_held_to_the_same(
    provider: Provider, at_ease: Browser, portal: RelyingParty, phone: Phone
) -> None:
    attempt = portal.pushed(portal.ask(claims=essential("silver")))
    landing = at_ease.open(attempt.url)
    assert landing.heading == ASKED
    assert acr(portal.finish(attempt, at_ease.submit(landing, code=phone.next_code()))) == "silver"


def test_a_level_that_somebody_set_up_for_is_reached_by_the_new_session(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    require(provider, "portal")
    phone = set_up(provider, browser)
    assert acr(portal.sign_in(browser)) == "silver"
    assert acr(signed_in(provider.browser(), portal, phone)[1]) == "silver"


def test_an_api_challenges_and_the_client_comes_back_with_what_it_wants(
    provider: Provider, at_ease: Browser, portal: RelyingParty, phone: Phone
) -> None:
    dangerous = guarded(provider).require_acr("silver", "gold")(application)
    answer = call(dangerous, portal.sign_in(at_ease))
    assert "silver gold" in answer.headers["WWW-Authenticate"]
    tokens = stepped_up(at_ease, portal, phone, **demanded(answer))
    assert call(dangerous, tokens).text == "done"


@on_both
def test_a_role_counts_from_the_level_on_that_it_requires(
    provider: Provider, at_ease: Browser, portal: RelyingParty, phone: Phone
) -> None:
    provider.give_roles("ada", "user", "moderator")
    before = portal.sign_in(at_ease, scope="openid offline_access", resource=USERS)
    assert before.access_claims["roles"] == ["moderator", "user"]
    declare_requiring(provider)
    # What was given at less loses the role, and with it what it alone gives, wherever it is asked.
    now = portal.refreshed(before, resource=USERS)
    assert (now.access_claims["roles"], now.access_claims["permissions"]) == (["user"], ["read:users"])
    told = provider.introspect(before.access_token, "users")
    assert (told["roles"], told["permissions"]) == (["user"], ["read:users"])
    after = stepped_up(at_ease, portal, phone, scope="openid offline_access", resource=USERS)
    assert (acr(after), after.access_claims["roles"]) == ("silver", ["moderator", "user"])
    assert portal.refreshed(after, resource=USERS).access_claims["roles"] == ["moderator", "user"]
    # Who does not have it is asked nothing.
    assert acr(portal.sign_in(provider.browser(), "gus")) == "bronze"


def test_a_role_that_brings_another_along_requires_what_that_one_does(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    declare_requiring(provider)
    provider.amend("  moderator: {", "  lead: {roles: [moderator]}\n  moderator: {")
    provider.amend("default_role: user\n", "default_role: user\ngroups: {leads: [lead]}\n")
    provider.give_roles("gus", "lead")
    attempt = portal.ask()
    landing = browser.sign_in(browser.open(attempt.url), "gus")
    assert landing.heading == SET_UP


def test_a_client_for_a_role_lets_in_who_steps_up_for_it(provider: Provider, browser: Browser, phone: Phone) -> None:
    provider.give_roles("ada", "moderator")
    declare_requiring(provider)
    backoffice = provider.client("backoffice")
    _, tokens = signed_in(browser, backoffice, phone)
    assert tokens.access_claims["roles"] == ["moderator"]


def test_the_pages_for_administrators_ask_for_the_level_of_the_role(provider: Provider, browser: Browser) -> None:
    provider.amend('  admin: ["admin:all"]\n', '  admin: {permissions: ["admin:all"], require: silver}\n')
    browser.sign_in(browser.open("/sign-in"), "root")
    landing = browser.open("/admin")
    assert landing.heading == SET_UP
    phone = set_up(provider, browser, "root")
    assert browser.open("/admin").status == 200
    assert phone.secret
    other = provider.browser()
    landing = other.submit(other.sign_in(other.open("/sign-in"), "root"), code=phone.next_code(), trust="y")
    other.submit(landing, form=next(form for form in landing.page.forms if "Sign out" in form.buttons))
    other.sign_in(other.open("/sign-in"), "root")
    asked = other.open("/admin")
    assert asked.heading == ASKED
    assert re.search(r"/admin$", other.submit(asked, code=phone.next_code()).url)


def test_who_cannot_reach_the_level_of_an_administrator_has_no_rights(provider: Provider, browser: Browser) -> None:
    provider.amend("acr:\n", "acr:\n  far: {any: [[provider, recovery_code]]}\n")
    provider.amend('  admin: ["admin:all"]\n', '  admin: {permissions: ["admin:all"], require: far}\n')
    browser.sign_in(browser.open("/sign-in"), "root")
    assert browser.open("/admin").status == 403


def test_nobody_is_led_to_a_factor_by_the_request_of_another_browser(
    provider: Provider, at_ease: Browser, portal: RelyingParty
) -> None:
    require(provider, "portal")
    url = at_ease.open(portal.ask().url).url
    assert with_phone(provider, "gus")
    assert provider.browser().open(url).status == 400
    assert UNMET not in url
