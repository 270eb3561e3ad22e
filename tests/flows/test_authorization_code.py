"""The authorization code flow: one code, one client, one use (RFC 6749 §4.1, RFC 9700 §2.1)."""

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.flows.browser import Browser
from tests.flows.databases import on_both
from tests.flows.provider import Provider
from tests.flows.relying_party import EVERYTHING, RelyingParty


@on_both
def test_a_person_signs_in_allows_and_the_client_gets_all_three_tokens(browser: Browser, portal: RelyingParty) -> None:
    attempt = portal.ask(scope=EVERYTHING)
    page = browser.open(attempt.url)
    assert page.heading == "Sign in"
    page = browser.sign_in(page, "ada")
    assert page.heading == "Allow Team portal?"
    landing = browser.allow(page)
    assert landing.url.startswith("https://portal.example.com/callback?")
    assert landing.answer.keys() == {"code", "state", "iss"}
    tokens = portal.finish(attempt, landing)
    assert tokens.body.keys() == {"access_token", "token_type", "expires_in", "refresh_token", "id_token", "scope"}
    assert tokens.body["scope"] == EVERYTHING
    assert tokens.body["expires_in"] == 1800
    assert tokens.id_claims["nonce"] == attempt.nonce


def test_a_person_may_sign_in_with_the_e_mail_address_in_any_case(browser: Browser, intranet: RelyingParty) -> None:
    page = browser.open(intranet.ask().url)
    assert browser.sign_in(page, " ADA@Example.com ").is_outside


def test_a_signed_in_person_whose_consent_is_known_is_answered_without_a_page(
    browser: Browser, portal: RelyingParty
) -> None:
    portal.sign_in(browser)
    attempt = portal.ask()
    landing = browser.open(attempt.url)
    assert landing.trail == (attempt.url, landing.url)
    portal.finish(attempt, landing)


def test_a_wrong_password_gives_a_page_with_the_name_kept_and_nothing_else(
    browser: Browser, portal: RelyingParty
) -> None:
    page = browser.sign_in(browser.open(portal.ask().url), "ada", "not-the-password")
    assert (page.status, page.heading) == (400, "Sign in")
    assert page.page.form.fields["username"] == "ada"
    assert "not-the-password" not in page.text
    assert browser.cookie("authserver_session") is None


def test_a_request_by_post_is_answered_like_one_by_get(browser: Browser, intranet: RelyingParty) -> None:
    intranet.sign_in(browser)
    attempt = intranet.ask()
    intranet.finish(attempt, browser.post("/authorize", attempt.parameters))


def test_a_request_by_post_with_a_query_is_refused_so_that_the_two_are_never_merged(
    browser: Browser, intranet: RelyingParty
) -> None:
    attempt = intranet.ask()
    page = browser.post("/authorize?prompt=none", attempt.parameters)
    assert (page.status, page.is_outside) == (400, False)


def test_a_request_by_post_of_another_kind_than_a_form_is_refused(provider: Provider, intranet: RelyingParty) -> None:
    body = urlencode(intranet.ask().parameters)
    for content_type, status in (("text/plain", 400), ("application/x-www-form-urlencoded", 303)):
        answer = provider.call("POST", "/authorize", data=body, content_type=content_type)
        assert answer.status_code == status


def test_a_request_by_post_is_no_longer_than_a_query_may_be(browser: Browser, intranet: RelyingParty) -> None:
    page = browser.post("/authorize", intranet.ask().parameters | {"login_hint": "x" * 17_000})
    assert (page.status, page.is_outside) == (400, False)


@on_both
def test_a_code_redeemed_twice_is_refused_and_everything_it_bought_is_revoked(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    attempt = portal.ask(scope=EVERYTHING)
    code = portal.authorize(browser, attempt).code
    tokens = portal.tokens(portal.redeem(attempt, code))
    refreshed = portal.refreshed(tokens)

    again = portal.redeem(attempt, code)
    assert (again.status_code, again.get_json()["error"]) == (400, "invalid_grant")
    assert portal.refresh(refreshed.refresh_token).get_json()["error"] == "invalid_grant"
    assert not provider.is_alive(tokens.access_token)
    assert not provider.is_alive(refreshed.access_token)
    assert provider.userinfo(tokens.access_token).status_code == 401
    assert [event["client_id"] for event in provider.events("token:code:replayed")] == ["portal"]


def test_a_code_is_still_known_as_spent_when_its_replay_comes_after_its_time(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    attempt = portal.ask(scope=EVERYTHING)
    code = portal.authorize(browser, attempt).code
    tokens = portal.tokens(portal.redeem(attempt, code))
    provider.clock.pass_(61)
    assert portal.redeem(attempt, code).get_json()["error"] == "invalid_grant"
    assert not provider.is_alive(tokens.access_token)


def test_a_code_is_good_for_a_minute_and_no_longer(
    provider: Provider, browser: Browser, intranet: RelyingParty
) -> None:
    first, second = intranet.ask(), intranet.ask()
    code = intranet.authorize(browser, first).code
    provider.clock.pass_(59)
    intranet.tokens(intranet.redeem(first, code))
    late = intranet.authorize(browser, second).code
    provider.clock.pass_(60)
    assert intranet.redeem(second, late).get_json()["error"] == "invalid_grant"


@on_both
@pytest.mark.parametrize("thief", ["intranet", "legacy", "dashboard"])
def test_a_stranger_with_a_code_and_even_its_verifier_gets_nothing_and_burns_nothing(
    provider: Provider, browser: Browser, portal: RelyingParty, thief: str
) -> None:
    attempt = portal.ask(scope=EVERYTHING)
    code = portal.authorize(browser, attempt).code
    stolen = provider.client(thief).redeem(attempt, code)
    assert (stolen.status_code, stolen.get_json()["error"]) == (400, "invalid_grant")
    tokens = portal.tokens(portal.redeem(attempt, code))

    assert provider.client(thief).redeem(attempt, code).get_json()["error"] == "invalid_grant"
    assert provider.is_alive(tokens.access_token)
    portal.refreshed(tokens)


@pytest.mark.parametrize(
    "redirect_uri",
    [
        None,
        "https://portal.example.com/callback/",
        "https://portal.example.com/tenant?of=a%20b&x",
        "https://PORTAL.example.com/callback",
    ],
)
def test_a_code_is_bound_to_the_redirect_uri_of_its_request(
    browser: Browser, portal: RelyingParty, redirect_uri: str | None
) -> None:
    attempt = portal.ask()
    code = portal.authorize(browser, attempt).code
    refused = portal.redeem(attempt, code, redirect_uri=redirect_uri)
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_grant")
    portal.tokens(portal.redeem(attempt, code))


def test_without_a_redirect_uri_in_the_request_the_token_request_may_leave_it_out_too(
    browser: Browser, intranet: RelyingParty
) -> None:
    attempt = intranet.ask(redirect_uri=None, scope="profile")
    landing = intranet.authorize(browser, attempt)
    assert landing.url.startswith(intranet.redirect_uri)
    intranet.tokens(intranet.redeem(attempt, landing.code))


@on_both
@pytest.mark.parametrize("spoil", [str.swapcase, lambda code: code + " ", lambda code: code[:-1]])
def test_a_nearly_right_code_is_refused(browser: Browser, intranet: RelyingParty, spoil: Any) -> None:
    attempt = intranet.ask()
    code = intranet.authorize(browser, attempt).code
    assert intranet.redeem(attempt, spoil(code)).get_json()["error"] == "invalid_grant"
    assert intranet.redeem(attempt, code + "\0").get_json()["error"] == "invalid_request"
    intranet.tokens(intranet.redeem(attempt, code))


def test_codes_are_opaque_and_never_the_same(browser: Browser, intranet: RelyingParty) -> None:
    intranet.sign_in(browser)
    codes = {browser.open(intranet.ask().url).code for _ in range(5)}
    assert len(codes) == 5
    # 256 random bits in base64url.
    assert {len(code) for code in codes} == {43}


def test_codes_refresh_tokens_access_tokens_and_handles_are_not_accepted_for_one_another(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    attempt = portal.ask(scope=EVERYTHING)
    page = browser.open(attempt.url)
    handle = page.url.partition("request=")[2]
    landing = browser.allow(browser.sign_in(page, "ada"))
    cookie = browser.cookie("authserver_session") or ""
    tokens = portal.finish(attempt, landing)
    for secret in (landing.code, tokens.access_token, tokens.id_token, handle, cookie):
        assert portal.refresh(secret).get_json()["error"] == "invalid_grant"
    for secret in (tokens.refresh_token, tokens.access_token, tokens.id_token, handle, cookie):
        assert portal.redeem(attempt, secret).get_json()["error"] == "invalid_grant"
    for secret in (tokens.refresh_token, tokens.id_token, landing.code, handle, cookie):
        assert not provider.is_alive(secret)
        assert provider.userinfo(secret).status_code == 401
    assert provider.is_alive(tokens.access_token)


def test_a_disabled_person_gets_nothing_for_a_code_that_was_issued_before(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    attempt = portal.ask()
    code = portal.authorize(browser, attempt).code
    provider.disable("ada")
    assert portal.redeem(attempt, code).get_json()["error"] == "invalid_grant"


def test_a_code_whose_session_ended_meanwhile_buys_nothing_unless_access_is_offline(
    browser: Browser, portal: RelyingParty
) -> None:
    bound, offline = portal.ask(), portal.ask(scope="openid offline_access")
    bound_code, offline_code = portal.authorize(browser, bound).code, portal.authorize(browser, offline).code
    browser.submit(browser.open("/"), "Sign out")
    assert portal.redeem(bound, bound_code).get_json()["error"] == "invalid_grant"
    assert portal.redeem(offline, offline_code).status_code == 200


@on_both
def test_the_database_holds_no_code_token_cookie_handle_or_password_in_clear(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    attempt = portal.ask(scope=EVERYTHING)
    page = browser.open(attempt.url)
    handle = page.url.partition("request=")[2]
    landing = browser.allow(browser.sign_in(page, "ada"))
    tokens = portal.refreshed(portal.finish(attempt, landing))
    provider.events()
    dump = provider.dump()
    assert "ada@example.com" in dump
    for secret in (
        handle,
        landing.code,
        attempt.verifier,
        tokens.refresh_token,
        tokens.access_token,
        tokens.id_token,
        browser.cookie("authserver_session") or "",
        "Correct-horse-9",
        portal.secret,
    ):
        assert secret
        assert secret not in dump
