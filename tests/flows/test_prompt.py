"""`prompt`, `id_token_hint` and `login_hint` (OpenID Connect Core §3.1.2.1)."""

import pytest

from tests.flows.browser import Browser
from tests.flows.databases import on_both
from tests.flows.provider import Provider
from tests.flows.relying_party import RelyingParty


@on_both
def test_none_never_shows_a_page(browser: Browser, portal: RelyingParty) -> None:
    attempt = portal.ask(prompt="none")
    landing = browser.open(attempt.url)
    assert landing.answer.keys() == {"error", "error_description", "state", "iss"}
    assert landing.error == "login_required"
    assert landing.answer["state"] == attempt.state
    browser.sign_in(browser.open("/sign-in"), "ada")
    landing = browser.open(portal.ask(prompt="none").url)
    assert (landing.error, len(landing.trail)) == ("consent_required", 2)
    portal.sign_in(browser)
    attempt = portal.ask(prompt="none")
    portal.finish(attempt, browser.open(attempt.url))


def test_none_does_not_accept_a_session_that_is_too_old(
    provider: Provider, browser: Browser, intranet: RelyingParty
) -> None:
    intranet.sign_in(browser)
    provider.clock.pass_(100)
    assert browser.open(intranet.ask(prompt="none", max_age="50").url).error == "login_required"
    assert "code" in browser.open(intranet.ask(prompt="none", max_age="500").url).answer


@pytest.mark.parametrize("prompt", ["none login", "none consent", "login none", "none none select_account"])
def test_none_with_another_prompt_is_an_error(browser: Browser, intranet: RelyingParty, prompt: str) -> None:
    intranet.sign_in(browser)
    assert browser.open(intranet.ask(prompt=prompt).url).error == "invalid_request"


@pytest.mark.parametrize("prompt", ["create", "LOGIN", "login,consent", '"', "é"])
def test_an_unknown_prompt_is_an_error(browser: Browser, intranet: RelyingParty, prompt: str) -> None:
    assert browser.open(intranet.ask(prompt=prompt).url).error == "invalid_request"


@on_both
def test_login_asks_for_the_password_again_and_moves_auth_time(
    provider: Provider, browser: Browser, intranet: RelyingParty
) -> None:
    first = intranet.sign_in(browser)
    before = first.id_claims
    provider.clock.pass_(300)
    attempt = intranet.ask(prompt="login")
    page = browser.open(attempt.url)
    assert page.heading == "Confirm it’s you"
    assert page.page.form.fields["username"] == "ada"
    after = intranet.finish(attempt, browser.sign_in(page, "ada")).id_claims
    assert after["auth_time"] == before["auth_time"] + 300
    assert after["sid"] == before["sid"]


def test_login_cannot_be_shed_by_reloading_or_by_going_round_the_page(browser: Browser, intranet: RelyingParty) -> None:
    intranet.sign_in(browser)
    page = browser.open(intranet.ask(prompt="login").url)
    handle = page.url.partition("request=")[2]
    for way_round in (f"/authorize/{handle}", f"/consent?request={handle}", f"/sign-in?request={handle}"):
        assert browser.open(way_round).heading == "Confirm it’s you"


def test_a_sign_in_elsewhere_does_not_answer_a_request_with_prompt_login(
    browser: Browser, intranet: RelyingParty
) -> None:
    waiting = browser.open(intranet.ask(prompt="login").url)
    intranet.sign_in(browser)
    handle = waiting.url.partition("request=")[2]
    assert browser.open(f"/authorize/{handle}").heading == "Confirm it’s you"


def test_a_sign_in_under_the_request_counts_for_the_person_who_did_it_and_not_for_the_next(
    browser: Browser, portal: RelyingParty, intranet: RelyingParty
) -> None:
    consent = browser.sign_in(browser.open(portal.ask(prompt="login").url), "ada")
    assert consent.heading == "Allow Team portal?"
    other_tab = browser.open(intranet.ask(prompt="login").url)
    assert browser.sign_in(other_tab, "mia").is_outside
    assert browser.open(consent.url).heading == "Confirm it’s you"


def test_a_wrong_password_at_prompt_login_leaves_the_session_as_it_was(
    provider: Provider, browser: Browser, intranet: RelyingParty
) -> None:
    before = intranet.sign_in(browser).id_claims
    provider.clock.pass_(10)
    page = browser.open(intranet.ask(prompt="login").url)
    assert browser.sign_in(page, "ada", "wrong").status == 400
    assert intranet.sign_in(browser).id_claims["auth_time"] == before["auth_time"]


def test_at_prompt_login_another_person_may_sign_in_and_becomes_the_one_who_answers(
    provider: Provider, browser: Browser, intranet: RelyingParty
) -> None:
    before = intranet.sign_in(browser).id_claims
    attempt = intranet.ask(prompt="login")
    after = intranet.finish(attempt, browser.sign_in(browser.open(attempt.url), "mia")).id_claims
    assert after["sub"] == provider.people["mia"]
    assert after["sid"] != before["sid"]


@on_both
def test_consent_asks_again_although_it_is_known(browser: Browser, portal: RelyingParty) -> None:
    portal.sign_in(browser)
    attempt = portal.ask(prompt="consent")
    page = browser.open(attempt.url)
    assert page.heading == "Allow Team portal?"
    portal.finish(attempt, browser.allow(page))


def test_consent_asks_even_for_a_client_that_needs_none(browser: Browser, intranet: RelyingParty) -> None:
    intranet.sign_in(browser)
    assert browser.open(intranet.ask(prompt="consent").url).heading == "Allow Intranet?"


def test_login_and_consent_together_ask_for_both(browser: Browser, portal: RelyingParty) -> None:
    portal.sign_in(browser)
    attempt = portal.ask(prompt="login consent")
    page = browser.sign_in(browser.open(attempt.url), "ada")
    portal.finish(attempt, browser.allow(page))


@on_both
def test_select_account_offers_the_person_who_is_signed_in_and_others(
    provider: Provider, browser: Browser, intranet: RelyingParty
) -> None:
    intranet.sign_in(browser)
    attempt = intranet.ask(prompt="select_account")
    page = browser.open(attempt.url)
    assert page.heading == "Choose an account"
    tokens = intranet.finish(attempt, browser.submit(page, "Continue as Ada Example"))
    assert tokens.id_claims["sub"] == provider.people["ada"]

    attempt = intranet.ask(prompt="select_account")
    other = browser.follow(browser.open(attempt.url), "Use another account")
    assert other.heading == "Sign in"
    tokens = intranet.finish(attempt, browser.sign_in(other, "mia"))
    assert tokens.id_claims["sub"] == provider.people["mia"]


def test_the_choice_of_an_account_holds_for_the_person_who_was_shown(
    provider: Provider, browser: Browser, intranet: RelyingParty
) -> None:
    intranet.sign_in(browser, "ada")
    choice = browser.open(intranet.ask(prompt="select_account").url)
    attempt = intranet.ask(prompt="login")
    browser.sign_in(browser.open(attempt.url), "mia")
    again = browser.submit(choice, "Continue as Ada Example")
    assert again.heading == "Choose an account"
    assert "Continue as Mia Example" in again.page.form.buttons


def test_select_account_without_anybody_signed_in_is_a_sign_in(browser: Browser, intranet: RelyingParty) -> None:
    attempt = intranet.ask(prompt="select_account")
    intranet.finish(attempt, browser.sign_in(browser.open(attempt.url), "ada"))


@on_both
def test_a_hint_of_the_person_who_is_signed_in_changes_nothing(
    provider: Provider, browser: Browser, intranet: RelyingParty
) -> None:
    tokens = intranet.sign_in(browser)
    provider.clock.pass_(3000)
    attempt = intranet.ask(prompt="none", id_token_hint=tokens.id_token)
    intranet.finish(attempt, browser.open(attempt.url))


def test_a_hint_of_another_person_gives_no_code_for_the_one_who_is_signed_in(
    provider: Provider, browser: Browser, intranet: RelyingParty
) -> None:
    mia = intranet.sign_in(provider.browser(), "mia")
    intranet.sign_in(browser, "ada")
    assert browser.open(intranet.ask(prompt="none", id_token_hint=mia.id_token).url).error == "login_required"

    attempt = intranet.ask(id_token_hint=mia.id_token)
    page = browser.open(attempt.url)
    assert page.heading == "Sign in"
    assert browser.sign_in(page, "ada").error == "login_required"

    attempt = intranet.ask(id_token_hint=mia.id_token)
    tokens = intranet.finish(attempt, browser.sign_in(browser.open(attempt.url), "mia"))
    assert tokens.id_claims["sub"] == provider.people["mia"]


def test_what_is_no_id_token_for_this_client_is_no_hint(
    provider: Provider, browser: Browser, portal: RelyingParty, intranet: RelyingParty
) -> None:
    tokens = intranet.sign_in(browser)
    header, claims, signature = tokens.id_token.split(".")
    foreign = portal.sign_in(browser)
    for hint in (
        "x",
        tokens.access_token,
        f"{header}.{claims}.",
        f"{header}.{claims}.{signature[:-8]}AAAAAAAA",
        f"eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.",
        foreign.id_token,
    ):
        attempt = intranet.ask(prompt="none", id_token_hint=hint)
        landing = browser.open(attempt.url)
        assert (landing.error, landing.answer["state"]) == ("invalid_request", attempt.state)


def test_a_login_hint_fills_the_form_in_and_nothing_more(browser: Browser, intranet: RelyingParty) -> None:
    page = browser.open(intranet.ask(login_hint="Mia@Example.com").url)
    assert page.page.form.fields["username"] == "Mia@Example.com"
    assert browser.sign_in(page, "ada").is_outside


@pytest.mark.parametrize("hint", ['"><script>alert(1)</script>', "{{7*7}}", "x" * 5000, "\u202egpj", "' onfocus='x"])
def test_a_login_hint_cannot_become_markup(browser: Browser, intranet: RelyingParty, hint: str) -> None:
    # The markup of every page is checked by the browser: no handlers, no scripts of its own.
    page = browser.open(intranet.ask(login_hint=hint).url)
    assert page.heading == "Sign in"
    assert "<script>alert" not in page.text
    assert len(page.page.form.fields["username"]) <= 320
