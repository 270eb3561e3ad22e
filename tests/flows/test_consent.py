"""Consent: asked of the person, for this client and these scopes; Deny is final (OpenID Connect Core §3.1.2.4)."""

import pytest

from authserver.store import requests
from authserver.store.allowed import granted
from tests.flows.browser import Browser, Landing
from tests.flows.databases import on_both
from tests.flows.provider import Provider
from tests.flows.registry import REPORTS, USERS
from tests.flows.relying_party import EVERYTHING, RelyingParty


def consent_page(browser: Browser, client: RelyingParty, username: str = "ada", **changes: str | None) -> Landing:
    page = browser.open(client.ask(**changes).url)
    return browser.sign_in(page, username) if page.heading == "Sign in" else page


def test_the_page_names_client_scopes_permissions_person_and_where_the_browser_goes(
    browser: Browser, portal: RelyingParty
) -> None:
    page = consent_page(browser, portal, "gus", scope=EVERYTHING)
    for words in (
        "Allow Team portal?",
        "Know who you are",
        "See your name and profile",
        "See your email address",
        "Keep this access while you’re away",
        "Gus Example",
        "gus@example.com",
        "portal.example.com",
        "Read reports",
    ):
        assert words in page.page.words
    # What the person has no right to, the client does not get either.
    assert "Write reports" not in page.page.words


def test_the_page_names_only_what_is_asked_for(browser: Browser, portal: RelyingParty) -> None:
    page = consent_page(browser, portal, scope="openid", resource=USERS)
    assert "See your email address" not in page.page.words
    assert "See people" in page.page.words
    assert "Read reports" not in page.page.words


def test_the_page_for_a_loopback_client_names_this_device(provider: Provider, browser: Browser) -> None:
    assert (
        "127.0.0.1:5555"
        in consent_page(browser, provider.client("terminal", "http://127.0.0.1:5555/callback")).page.words
    )
    private = provider.client("terminal", "com.example.terminal:/callback")
    page = consent_page(browser, private)
    assert "the application on this device (com.example.terminal)" in page.page.words
    german = browser.open(private.ask(ui_locales="de").url)
    assert "zu der Anwendung auf diesem Gerät (com.example.terminal)" in german.page.words


def test_whoever_looks_elsewhere_meanwhile_is_led_back_from_home(browser: Browser, portal: RelyingParty) -> None:
    browser.sign_in(browser.open("/sign-in"), "ada")
    page = consent_page(browser, portal)
    assert browser.follow(browser.open("/"), "Continue to Team portal").url == page.url


@on_both
def test_deny_tells_the_client_and_is_final(provider: Provider, browser: Browser, portal: RelyingParty) -> None:
    attempt = portal.ask()
    page = browser.sign_in(browser.open(attempt.url), "ada")
    landing = browser.deny(page)
    assert landing.url.startswith("https://portal.example.com/callback?")
    assert (landing.error, landing.answer["state"]) == ("access_denied", attempt.state)
    assert landing.answer["iss"] == provider.issuer
    assert browser.allow(page).error == "access_denied"
    assert browser.open(page.url).error == "access_denied"
    # Denied once is not denied for ever: the next request asks again.
    portal.sign_in(browser)


@on_both
def test_deny_by_the_back_button_is_final_and_ends_what_allow_gave(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    attempt = portal.ask()
    page = browser.sign_in(browser.open(attempt.url), "ada")
    unused = browser.allow(page).code
    assert browser.deny(page).error == "access_denied"
    assert portal.redeem(attempt, unused).get_json()["error"] == "invalid_grant"
    assert browser.allow(page).error == "access_denied"
    # What Allow had remembered is forgotten: the next request asks again.
    assert consent_page(browser, portal).heading == "Allow Team portal?"

    bank = provider.client("bank")
    attempt = bank.ask()
    page = browser.open(attempt.url)
    tokens = bank.finish(attempt, browser.allow(page))
    assert browser.deny(page).error == "access_denied"
    assert not provider.is_alive(tokens.access_token)


@on_both
def test_deny_is_heard_where_allow_in_another_tab_has_made_the_question_needless(
    browser: Browser, portal: RelyingParty
) -> None:
    page = consent_page(browser, portal)
    portal.sign_in(browser)
    assert browser.deny(page).error == "access_denied"
    assert browser.open(portal.ask().url).code


def test_deny_of_another_person_leaves_what_the_first_one_allowed(
    provider: Provider, browser: Browser, portal: RelyingParty, intranet: RelyingParty
) -> None:
    attempt = portal.ask(scope=EVERYTHING)
    page = browser.sign_in(browser.open(attempt.url), "ada")
    tokens = portal.finish(attempt, browser.allow(page))
    browser.sign_in(browser.open("/sign-in?another=1"), "mia")
    as_mia = intranet.ask()
    sid = intranet.finish(as_mia, browser.open(as_mia.url)).id_claims["sid"]
    form = page.page.form
    form.action = f"{form.action.rpartition('=')[0]}={sid}"
    assert browser.submit(page, "Deny", form=form).error == "access_denied"
    assert provider.is_alive(tokens.access_token)


@on_both
def test_consent_is_remembered_for_this_person_and_this_client_alone(
    provider: Provider, browser: Browser, portal: RelyingParty, dashboard: RelyingParty
) -> None:
    portal.sign_in(browser)
    assert browser.open(portal.ask().url).is_outside
    assert browser.open(dashboard.ask().url).heading == "Allow Dashboard?"
    other = provider.browser()
    assert consent_page(other, portal, "mia").heading == "Allow Team portal?"


@on_both
def test_a_new_scope_or_resource_is_asked_for_and_a_smaller_request_is_not(
    browser: Browser, portal: RelyingParty
) -> None:
    portal.sign_in(browser, scope="openid email", resource=REPORTS)
    assert browser.open(portal.ask(scope="openid", resource=REPORTS).url).is_outside
    assert browser.open(portal.ask(scope="openid profile", resource=REPORTS).url).heading == "Allow Team portal?"
    assert browser.open(portal.ask(scope="openid", resource=USERS).url).heading == "Allow Team portal?"
    portal.sign_in(browser, scope="openid profile", resource=USERS)
    # Consents add up.
    assert browser.open(portal.ask(scope="openid email profile", resource=REPORTS).url).is_outside


def test_what_was_shown_and_denied_adds_nothing_to_what_is_remembered(browser: Browser, portal: RelyingParty) -> None:
    portal.sign_in(browser, scope="openid")
    browser.deny(browser.open(portal.ask(scope=EVERYTHING).url))
    assert browser.open(portal.ask(scope=EVERYTHING).url).heading == "Allow Team portal?"


def test_a_client_with_consent_always_asks_each_time(provider: Provider, browser: Browser) -> None:
    bank = provider.client("bank")
    bank.sign_in(browser)
    attempt = bank.ask()
    page = browser.open(attempt.url)
    assert page.heading == "Allow Bank?"
    bank.finish(attempt, browser.allow(page))
    assert browser.open(bank.ask().url).heading == "Allow Bank?"


@on_both
def test_fields_of_the_form_cannot_widen_what_is_allowed(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    attempt = portal.ask(scope="openid")
    page = browser.sign_in(browser.open(attempt.url), "ada")
    landing = browser.submit(
        page,
        "Allow",
        scope=EVERYTHING,
        client_id="bank",
        redirect_uri="https://evil.example/",
        resource=USERS,
        sub=provider.people["root"],
        response_mode="fragment",
    )
    tokens = portal.finish(attempt, landing)
    assert tokens.body["scope"] == "openid"
    assert tokens.access_claims["sub"] == provider.people["ada"]
    assert browser.open(portal.ask(scope=EVERYTHING).url).heading == "Allow Team portal?"


@on_both
def test_a_post_without_a_valid_csrf_token_allows_nothing(browser: Browser, portal: RelyingParty) -> None:
    page = consent_page(browser, portal)
    for token in ("", "x", page.page.form.fields["csrf_token"][:-1]):
        refused = browser.submit(page, "Allow", csrf_token=token)
        assert (refused.status, refused.is_outside) == (400, False)
    assert browser.open(page.url).heading == "Allow Team portal?"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://localhost:8080", "Sec-Fetch-Site": "same-site"},
        {"Origin": "http://localhost:9999", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "https://localhost:8080", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "http://localhost:8080.evil.example", "Sec-Fetch-Site": "same-origin"},
    ],
)
def test_a_post_from_another_site_is_refused_even_with_a_right_token(
    browser: Browser, portal: RelyingParty, headers: dict[str, str]
) -> None:
    page = consent_page(browser, portal)
    refused = browser.post(page.page.form.action, page.page.form.filled("Allow"), **headers)
    assert (refused.status, refused.is_outside) == (403, False)
    assert browser.open(page.url).heading == "Allow Team portal?"


def test_the_csrf_token_of_another_browser_is_worth_nothing(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    page = consent_page(browser, portal)
    stolen = consent_page(provider.browser(), portal, "mia").page.form.fields["csrf_token"]
    assert browser.submit(page, "Allow", csrf_token=stolen).status == 400


def test_a_get_with_the_answer_in_its_query_allows_nothing(browser: Browser, portal: RelyingParty) -> None:
    page = consent_page(browser, portal)
    token = page.page.form.fields["csrf_token"]
    again = browser.open(f"{page.url}&decision=allow&csrf_token={token}")
    assert again.heading == "Allow Team portal?"


def test_an_answer_that_is_neither_allow_nor_deny_asks_again(browser: Browser, portal: RelyingParty) -> None:
    page = consent_page(browser, portal)
    for decision in ("", "yes", "ALLOW", "allow deny"):
        assert browser.submit(page, decision=decision).heading == "Allow Team portal?"


def test_consent_comes_after_sign_in_and_never_before(browser: Browser, portal: RelyingParty) -> None:
    page = browser.open(portal.ask().url)
    handle = page.url.partition("request=")[2]
    token = page.page.form.fields["csrf_token"]
    early = browser.post(
        f"/consent?request={handle}",
        {"decision": "allow", "csrf_token": token},
        Origin="http://localhost:8080",
        Sec_Fetch_Site="same-origin",
    )
    assert early.heading == "Sign in"
    assert browser.sign_in(early, "ada").heading == "Allow Team portal?"


def test_another_person_may_be_chosen_on_the_consent_page(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    attempt = portal.ask()
    page = browser.sign_in(browser.open(attempt.url), "ada")
    other = browser.sign_in(browser.follow(page, "Use another account"), "mia")
    assert "Mia Example" in other.page.words
    assert portal.finish(attempt, browser.allow(other)).id_claims["sub"] == provider.people["mia"]


def test_what_was_allowed_to_a_client_that_always_asks_is_not_remembered(provider: Provider, browser: Browser) -> None:
    bank = provider.client("bank")
    bank.sign_in(browser)
    provider.amend("consent: always", "consent: once")
    assert browser.open(bank.ask().url).heading == "Allow Bank?"


def test_deny_between_the_last_look_and_the_code_leaves_neither_code_nor_authorization(
    provider: Provider, browser: Browser, intranet: RelyingParty, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = browser.open(intranet.ask().url).url.partition("request=")[2]
    browser.sign_in(browser.open("/sign-in"), "ada")
    server, looks = provider.app.server, iter([False, False, True])

    def clock() -> float:
        # Asked for the time of the decision, when request and session have been found.
        if next(looks, False):
            with server.database.write() as connection:
                requests.deny(connection, handle, provider.clock.now)
        return provider.clock()

    monkeypatch.setattr(server, "clock", clock)
    assert browser.open(f"/authorize/{handle}").error == "access_denied"
    assert next(looks, None) is None
    with provider.database.read() as connection:
        assert granted.page(connection, provider.people["ada"], provider.clock.now, most=9) == []
