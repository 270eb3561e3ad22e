"""Levels of authentication: what tokens say was reached, and what is asked of a person to reach one."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.flows.browser import Browser
from tests.flows.conftest import MakeProvider
from tests.flows.databases import on_both
from tests.flows.factors.authenticator import Authenticator
from tests.flows.factors.levels import SET_UP, UNMET, declare, essential, signed_in, stepped_up
from tests.flows.factors.phone import ASKED, Phone, secret_of
from tests.flows.factors.script import add, options_of, send, use
from tests.flows.provider import Provider
from tests.flows.relying_party import RelyingParty, Tokens


@pytest.fixture
def provider(make_provider: MakeProvider) -> Provider:
    """A server with levels."""
    provider = make_provider()
    declare(provider)
    return provider


def said(tokens: Tokens) -> set[str]:
    """What ID token, access token, and introspection say alike."""
    introspected = tokens.provider.introspect(tokens.access_token)
    return {str(each["acr"]) for each in (tokens.id_claims, tokens.access_claims, introspected)}


@on_both
def test_tokens_say_the_highest_level_that_was_reached(
    provider: Provider, browser: Browser, portal: RelyingParty, phone: Phone
) -> None:
    _, tokens = signed_in(browser, portal, phone)
    assert (said(tokens), tokens.id_claims["amr"]) == ({"silver"}, ["pwd", "otp", "mfa"])


def test_a_password_reaches_what_a_password_reaches_and_a_passkey_all_that_it_does(
    provider: Provider, browser: Browser, portal: RelyingParty, key: Authenticator
) -> None:
    assert said(portal.sign_in(provider.browser(), "gus")) == {"bronze"}
    attempt = portal.ask()
    landing = browser.open(attempt.url)
    landing = send(browser, landing, key.get(options_of(landing)))
    assert said(portal.finish(attempt, browser.allow(landing))) == {"gold"}


def test_the_metadata_name_the_levels_and_nothing_else(provider: Provider) -> None:
    def supported() -> object:
        return provider.call("GET", "/.well-known/openid-configuration").get_json()["acr_values_supported"]

    assert supported() == ["bronze", "silver", "gold"]
    provider.amend("  gold: {phishing_resistant: true}\n", "")
    assert supported() == ["bronze", "silver"]


def test_a_sign_in_that_reaches_no_level_says_what_it_says_without_any(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    provider.amend("  bronze: {any: [pwd, passkey]}\n", "")
    assert said(portal.sign_in(browser)) == {"1"}


def test_levels_that_change_count_at_once_for_sessions_that_live(
    provider: Provider, browser: Browser, portal: RelyingParty, phone: Phone
) -> None:
    signed_in(browser, portal, phone)
    provider.amend("  gold: {phishing_resistant: true}\n", "  gold: {any: [otp]}\n")
    assert said(portal.sign_in(browser)) == {"silver"}
    provider.amend("  gold: {any: [otp]}\n", "  gold: {any: [[pwd, otp]]}\n")
    assert said(portal.sign_in(browser)) == {"gold"}


def test_of_what_was_asked_for_the_first_that_is_met_is_said(
    provider: Provider, browser: Browser, portal: RelyingParty, phone: Phone
) -> None:
    signed_in(browser, portal, phone)
    for asked, told in {
        "bronze": "bronze",
        "silver bronze": "silver",
        "other bronze": "bronze",
        "other": "silver",
    }.items():
        assert said(portal.sign_in(browser, acr_values=asked)) == {told}
    assert said(portal.sign_in(browser, claims=essential("bronze", "silver"))) == {"bronze"}


@on_both
@pytest.mark.parametrize("how", ["acr_values", "claims", "voluntary"])
def test_a_session_that_has_less_is_asked_for_what_is_missing_and_keeps_the_rest(
    provider: Provider, browser: Browser, portal: RelyingParty, phone: Phone, how: str
) -> None:
    provider.amend("    consent: once\n", "    consent: never\n")
    before = trusting(provider, browser, portal, phone)
    asked = {
        "acr_values": {"acr_values": "silver"},
        "claims": {"claims": essential("silver")},
        "voluntary": {"claims": '{"id_token": {"acr": {"values": ["silver"]}}}'},
    }[how]
    assert browser.open(portal.ask(**asked).url).heading == ASKED
    tokens = stepped_up(browser, portal, phone, **asked)
    assert said(tokens) == {"silver"}
    assert (tokens.id_claims["sid"], tokens.id_claims["auth_time"]) == (
        before.id_claims["sid"],
        before.id_claims["auth_time"],
    )
    assert said(portal.sign_in(browser, **asked)) == {"silver"}, "and that is kept"


def trusting(provider: Provider, browser: Browser, portal: RelyingParty, phone: Phone) -> Tokens:
    """A session without a second factor, on a device that needs none."""
    landing = browser.submit(browser.sign_in(browser.open("/sign-in"), "ada"), code=phone.next_code(), trust="y")
    form = next(form for form in landing.page.forms if "Sign out" in form.buttons)
    browser.submit(landing, form=form)
    tokens = portal.sign_in(browser)
    assert tokens.id_claims["amr"] == ["pwd"]
    return tokens


def test_a_device_that_is_trusted_is_none_for_a_level(
    provider: Provider, browser: Browser, portal: RelyingParty, phone: Phone
) -> None:
    assert said(trusting(provider, browser, portal, phone)) == {"bronze"}
    assert said(stepped_up(browser, portal, phone, acr_values="silver")) == {"silver"}


def test_only_what_will_do_is_asked_for_and_taken(
    provider: Provider, browser: Browser, portal: RelyingParty, phone: Phone
) -> None:
    signed_in(browser, portal, phone)
    add(provider, browser)
    # The passkey that was just made is proven with that: another browser has the code alone.
    other = provider.browser()
    signed_in(other, portal, phone)
    landing = other.open(portal.ask(claims=essential("gold")).url)
    assert (landing.heading, "Use a recovery code instead" in landing.page.links) == (ASKED, False)
    assert [each for tag, each in landing.page.elements if tag == "input" and each.get("name") == "code"] == []
    sent = other.submit(landing, code=phone.recovery_codes[0])
    assert sent.heading == ASKED
    assert other.submit(landing, code=phone.next_code()).heading == ASKED
    # Neither was spent.
    again = provider.browser()
    assert again.submit(again.sign_in(again.open("/sign-in"), "ada"), code=phone.recovery_codes[0]).heading != ASKED


def test_a_passkey_steps_up_where_nothing_less_will_do(
    provider: Provider, browser: Browser, portal: RelyingParty, key: Authenticator
) -> None:
    use(browser, key)
    other = provider.browser()
    attempt = portal.ask(claims=essential("gold"))
    asked = other.sign_in(other.open(attempt.url), "ada")
    landing = send(other, asked, key.get(options_of(asked)))
    assert said(portal.finish(attempt, other.allow(landing))) == {"gold"}


def test_who_has_no_factor_sets_one_up_and_comes_back(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    portal.sign_in(browser)
    attempt = portal.ask(claims=essential("silver"))
    assert browser.open(f"{attempt.url}&prompt=none").error == "interaction_required"
    landing = browser.open(attempt.url)
    assert landing.heading == SET_UP
    form = browser.follow(landing, "Add an authenticator app")
    phone = Phone(provider, secret_of(form), [])
    codes = browser.submit(form, code=phone.code())
    assert codes.heading == "Your recovery codes"
    tokens = portal.finish(attempt, browser.follow(codes, "I’ve kept them"))
    assert said(tokens) == {"silver"}


def test_who_signed_in_long_ago_signs_in_again_before_setting_one_up(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    portal.sign_in(browser)
    provider.clock.pass_(1000)
    attempt = portal.ask(claims=essential("gold"))
    asked = browser.open(attempt.url)
    assert asked.heading == "Confirm it’s you"
    landing = browser.sign_in(asked, "ada")
    provider.clock.pass_(1000)
    asked = browser.follow(landing, "Add a passkey")
    assert asked.heading == "Confirm it’s you", "the page was open for too long"
    landing = browser.follow(browser.sign_in(asked, "ada"), "Add a passkey")
    key = Authenticator(browser.origin)
    codes = send(browser, landing, key.create(options_of(landing)))
    assert said(portal.finish(attempt, browser.follow(codes, "I’ve kept them"))) == {"gold"}


def test_a_higher_factor_is_set_up_only_after_the_one_that_is_there(
    provider: Provider, browser: Browser, portal: RelyingParty, phone: Phone
) -> None:
    trusting(provider, browser, portal, phone)
    attempt = portal.ask(claims=essential("gold"))
    asked = browser.open(attempt.url)
    assert asked.heading == ASKED
    landing = browser.submit(asked, code=phone.next_code())
    assert (landing.heading, "Add an authenticator app" in landing.page.links) == (SET_UP, False)
    landing = browser.follow(landing, "Add a passkey")
    key = Authenticator(browser.origin)
    done = send(browser, landing, key.create(options_of(landing)))
    assert said(portal.finish(attempt, done)) == {"gold"}


def test_who_goes_back_instead_has_denied_it(browser: Browser, portal: RelyingParty, provider: Provider) -> None:
    portal.sign_in(browser)
    attempt = portal.ask(claims=essential("silver"))
    landing = browser.submit(browser.open(attempt.url), "Go back to Team portal")
    assert (landing.error, landing.answer["state"]) == ("access_denied", attempt.state)


def test_a_wish_that_nobody_can_grant_keeps_nobody_out(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    for wish in ("silver", "unknown", "gold silver", "x" * 5000, "\u00e9"):
        assert said(portal.sign_in(browser, acr_values=wish)) == {"bronze"}


def test_a_wish_asks_nothing_where_nothing_may_be_asked(
    provider: Provider, browser: Browser, portal: RelyingParty, phone: Phone
) -> None:
    trusting(provider, browser, portal, phone)
    attempt = portal.ask(acr_values="silver", prompt="none")
    assert said(portal.finish(attempt, browser.open(attempt.url))) == {"bronze"}
    assert browser.open(portal.ask(claims=essential("silver"), prompt="none").url).error == "login_required"


def test_an_essential_level_that_nobody_declared_is_an_error_after_one_try(
    browser: Browser, portal: RelyingParty, provider: Provider
) -> None:
    portal.sign_in(browser)
    page = browser.open(portal.ask(claims=essential("platinum")).url)
    assert page.heading == "Confirm it’s you"
    assert browser.sign_in(page, "ada").error == UNMET


def test_who_may_set_up_nothing_is_an_error_to_the_client(
    make_provider: MakeProvider, provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    from sqlalchemy import update

    from authserver.store.tables import users

    portal.sign_in(browser)
    with provider.database.write() as connection:
        connection.execute(update(users).values(email_verified=False))
    assert browser.open(portal.ask(claims=essential("silver")).url).error == UNMET


@on_both
def test_a_request_that_needs_no_page_costs_no_further_statement_for_its_level(
    provider: Provider, browser: Browser, portal: RelyingParty, phone: Phone
) -> None:
    from sqlalchemy import event

    signed_in(browser, portal, phone)
    counted: list[str] = []
    event.listen(provider.database.engine, "before_cursor_execute", lambda *given: counted.append(given[2]))

    def statements(**asked: str) -> int:
        counted.clear()
        portal.sign_in(browser, **asked)
        return len(counted)

    statements()
    plain = statements()
    assert statements(acr_values="silver") == plain
    provider.amend("    consent: once\n", "    consent: once\n    require_acr: silver\n")
    assert statements(claims=essential("silver")) == plain
    provider.amend('  admin: ["admin:all"]\n', '  admin: {permissions: ["admin:all"], require: silver}\n')
    statements()
    assert statements() == plain


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60), st.sampled_from(["acr_values", "value", "values"]))
def test_whatever_is_asked_for_it_is_an_answer_to_the_client_or_a_page(
    provider: Provider, browser: Browser, portal: RelyingParty, text: str, where: str
) -> None:
    asked = {
        "acr_values": {"acr_values": text},
        "value": {"claims": essential(text)},
        "values": {"claims": essential(text, "silver", "\0")},
    }[where]
    assert browser.open(portal.ask(**asked).url).status < 500
