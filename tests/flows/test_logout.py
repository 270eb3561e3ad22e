"""RP-initiated logout: a hint of this very session acts, everything else asks (RP-Initiated Logout 1.0 §2, §3)."""

from urllib.parse import urlencode

import pytest

from tests.flows.browser import Browser, Landing
from tests.flows.databases import on_both
from tests.flows.forgery import forgeries
from tests.flows.provider import Provider
from tests.flows.relying_party import EVERYTHING, RelyingParty, Tokens
from tests.keys.moves import revoke

HOME = "https://portal.example.com/"


def leave(browser: Browser, **parameters: str) -> Landing:
    return browser.open(f"/end_session?{urlencode(parameters)}")


def is_signed_in(browser: Browser) -> bool:
    return browser.open("/").heading == "You’re signed in"


@on_both
def test_a_hint_of_this_session_signs_out_at_once_and_returns_with_the_state(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser)
    landing = leave(browser, id_token_hint=tokens.id_token, post_logout_redirect_uri=HOME, state="a b&c=é")
    assert landing.url == HOME + "?state=a+b%26c%3D%C3%A9"
    assert browser.cookie("authserver_session") is None
    assert not is_signed_in(browser)
    assert not provider.is_alive(tokens.access_token)
    assert len(provider.events("user:logout:done")) == 1


@on_both
def test_the_session_dies_on_the_server_so_that_a_copied_cookie_is_dead(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser)
    copy = provider.browser()
    for name in ("authserver_session", "authserver_browser"):
        copy.plant(name, browser.cookie(name) or "")
    assert is_signed_in(copy)
    leave(browser, id_token_hint=tokens.id_token)
    assert not is_signed_in(copy)
    assert copy.open(portal.ask(prompt="none").url).error == "login_required"


def test_session_bound_tokens_end_and_offline_ones_go_on(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    bound, offline = portal.sign_in(browser), portal.sign_in(browser, scope="openid offline_access")
    leave(browser, id_token_hint=bound.id_token)
    assert portal.refresh(bound.refresh_token).get_json()["error"] == "invalid_grant"
    assert not provider.is_alive(bound.access_token)
    assert provider.is_alive(portal.refreshed(offline).access_token)


def test_a_hint_whose_time_is_over_still_says_who_asks(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser)
    provider.clock.pass_(3000)
    assert leave(browser, id_token_hint=tokens.id_token, post_logout_redirect_uri=HOME).url == HOME


def test_by_post_it_works_the_same(browser: Browser, portal: RelyingParty) -> None:
    tokens = portal.sign_in(browser)
    fields = {"id_token_hint": tokens.id_token, "post_logout_redirect_uri": HOME, "state": "x y"}
    for path, more in (("/end_session?state=z", {}), ("/end_session", {"padding": "x" * 17_000})):
        refused = browser.post(path, fields | more)
        assert (refused.status, refused.is_outside) == (400, False)
        assert is_signed_in(browser)
    assert browser.post("/end_session", fields).url == HOME + "?state=x+y"
    assert not is_signed_in(browser)


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"client_id": "portal"},
        {"client_id": "portal", "post_logout_redirect_uri": HOME},
        {"client_id": "nobody"},
        {"post_logout_redirect_uri": HOME},
        {"post_logout_redirect_uri": "https://evil.example/"},
        {"logout_hint": "ada", "ui_locales": "de", "unknown": "x"},
    ],
)
def test_without_a_hint_the_person_is_asked_by_link_image_or_form_alike(
    browser: Browser, portal: RelyingParty, parameters: dict[str, str]
) -> None:
    portal.sign_in(browser)
    page = leave(browser, **parameters)
    assert page.heading in {"Sign out?", "Abmelden?"}
    assert "Ada Example" in page.page.words
    assert browser.open(f"/end_session?{urlencode(parameters)}", Sec_Fetch_Dest="image").heading in {
        "Sign out?",
        "Abmelden?",
    }
    assert browser.post("/end_session", parameters).heading in {"Sign out?", "Abmelden?"}
    assert is_signed_in(browser)


@on_both
def test_the_person_may_say_yes_or_no(provider: Provider, browser: Browser, portal: RelyingParty) -> None:
    portal.sign_in(browser)
    page = leave(browser, client_id="portal", post_logout_redirect_uri=HOME, state="s")
    stayed = browser.submit(page, "Stay signed in")
    assert stayed.heading == "You’re still signed in"
    assert is_signed_in(browser)
    unsaid = browser.submit(page)
    assert unsaid.heading == "You’re still signed in"
    assert is_signed_in(browser)
    # The person has confirmed that this client asks: that is as good as a hint (§3).
    assert browser.submit(page, "Sign out").url == HOME + "?state=s"
    assert not is_signed_in(browser)
    # Nobody is signed in, so nobody can confirm: a link, which the person may follow.
    assert leave(browser, client_id="portal", post_logout_redirect_uri=HOME).page.links["Go to Team portal"] == HOME


def test_the_question_cannot_be_answered_from_elsewhere(browser: Browser, portal: RelyingParty) -> None:
    portal.sign_in(browser)
    page = leave(browser)
    sent = page.page.form.filled("Sign out")
    assert browser.post("/end_session/confirmed", sent).status == 403
    forged = browser.post(
        "/end_session/confirmed",
        {"decision": "sign-out"},
        Origin="http://localhost:8080",
        Sec_Fetch_Site="same-origin",
    )
    assert forged.status == 400
    assert is_signed_in(browser)


def test_a_hint_of_another_session_of_the_same_person_asks(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    portal.sign_in(browser)
    elsewhere = portal.sign_in(provider.browser())
    assert leave(browser, id_token_hint=elsewhere.id_token).heading == "Sign out?"
    assert is_signed_in(browser)


def test_a_hint_of_a_client_that_is_declared_no_longer_asks(provider: Provider, browser: Browser) -> None:
    tokens = provider.client("kiosk").sign_in(browser)
    provider.amend("client_id: kiosk", "client_id: another")
    assert leave(browser, id_token_hint=tokens.id_token).heading == "Sign out?"
    assert is_signed_in(browser)


def test_a_hint_of_another_person_asks(provider: Provider, browser: Browser, portal: RelyingParty) -> None:
    portal.sign_in(browser, "ada")
    other = portal.sign_in(provider.browser(), "mia")
    page = leave(browser, id_token_hint=other.id_token, post_logout_redirect_uri=HOME)
    assert page.heading == "Sign out?"
    assert is_signed_in(browser)


@on_both
def test_forged_hints_and_tokens_of_another_kind_sign_nobody_out_and_earn_no_redirect(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope=EVERYTHING)
    hints = {name: forged for name, forged in forgeries(provider, tokens).items() if name != "an ID token"}
    for name, hint in (hints | {"an access token": tokens.access_token}).items():
        if len(hint) > 20_000:
            continue
        page = leave(browser, id_token_hint=hint, post_logout_redirect_uri=HOME)
        # A key that nobody knows may be one of ours that is gone: that is asked about, as without a hint.
        is_asked = name == "another key under its own kid"
        said = (200, "Sign out?") if is_asked else (400, "This link doesn’t work")
        assert (page.status, page.heading, page.is_outside) == (*said, False), name
        assert page.page.links == ({} if is_asked else {"Go to the start page": "http://localhost:8080/"}), name
    assert is_signed_in(browser)


def test_a_hint_that_outlived_its_key_is_none_and_the_person_is_asked(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope=EVERYTHING)
    for key in provider.call("GET", "/jwks.json").get_json()["keys"]:
        revoke(provider.app.server.keys, key["kid"], provider.clock.now)
    question = leave(browser, id_token_hint=tokens.id_token, post_logout_redirect_uri=HOME, client_id="portal")
    assert (question.status, is_signed_in(browser)) == (200, True)
    # Not by the hint: by the client_id, and the person's yes.
    assert browser.submit(question, "Sign out").url == HOME
    assert not is_signed_in(browser)


@on_both
def test_the_clients_server_may_end_the_session_of_the_hint_without_the_browser(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens, other = portal.sign_in(browser), portal.sign_in(provider.browser())
    fields = {"id_token_hint": tokens.id_token}
    # A post is answered with the same request by GET, which a server's client follows.
    answer = provider.call("POST", "/end_session", data=fields)
    assert (answer.status_code, is_signed_in(browser)) == (303, True)
    assert provider.call("GET", answer.headers["Location"]).status_code == 200
    assert not is_signed_in(browser)
    assert not provider.is_alive(tokens.access_token)
    assert provider.is_alive(other.access_token), "another session of the same person goes on"
    (event,) = provider.events("user:logout:done")
    assert (event["sub"], event["client_id"]) == (provider.people["ada"], "portal")
    # What has ended does not end again.
    provider.call("GET", f"/end_session?{urlencode(fields)}")
    assert len(provider.events("user:logout:done")) == 1


def test_without_a_browser_nothing_but_a_valid_hint_ends_a_session(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope=EVERYTHING)
    hints = [tokens.access_token, tokens.id_token[:-4] + "AAAA", tokens.id_claims["sid"]]
    for parameters in (*({"id_token_hint": hint} for hint in hints), {"client_id": "portal"}, {"logout_hint": "ada"}):
        provider.call("GET", f"/end_session?{urlencode(parameters)}")
        assert is_signed_in(browser)
    provider.amend("client_id: portal", "client_id: another")
    provider.call("GET", f"/end_session?{urlencode({'id_token_hint': tokens.id_token})}")
    assert is_signed_in(browser)


@pytest.mark.parametrize("name", ["id_token_hint", "post_logout_redirect_uri", "state", "client_id"])
def test_a_repeated_parameter_is_refused(browser: Browser, portal: RelyingParty, name: str) -> None:
    portal.sign_in(browser)
    page = browser.open(f"/end_session?{name}=x&{name}=x")
    assert (page.status, page.is_outside) == (400, False)
    assert is_signed_in(browser)


def test_nobody_signed_in_is_told_so_and_still_sent_back(browser: Browser, portal: RelyingParty) -> None:
    tokens: Tokens = portal.sign_in(browser)
    browser.submit(browser.open("/"), "Sign out")
    assert leave(browser).heading == "You’re signed out"
    landing = leave(browser, id_token_hint=tokens.id_token, post_logout_redirect_uri=HOME, state="s")
    assert landing.url == HOME + "?state=s"


def test_open_forms_and_waiting_requests_end_with_the_logout(
    browser: Browser, portal: RelyingParty, dashboard: RelyingParty
) -> None:
    tokens = portal.sign_in(browser)
    waiting = browser.open(dashboard.ask().url)
    assert waiting.heading == "Allow Dashboard?"
    leave(browser, id_token_hint=tokens.id_token)
    assert browser.allow(waiting).status == 400


def test_the_next_person_at_the_browser_does_not_inherit_the_consent_page(
    browser: Browser, portal: RelyingParty
) -> None:
    attempt = portal.ask()
    consent = browser.sign_in(browser.open(attempt.url), "ada")
    browser.submit(browser.open("/"), "Sign out")
    browser.sign_in(browser.open("/sign-in"), "mia")
    assert browser.allow(consent).status == 400
