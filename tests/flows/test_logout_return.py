"""Where a sign-out leads: to a registered address, or to a page that says why to none (RP-Initiated Logout 1.0 §3)."""

import pytest
from structlog.testing import capture_logs

from tests.flows.browser import Browser
from tests.flows.relying_party import RelyingParty
from tests.flows.test_logout import HOME, is_signed_in, leave


@pytest.mark.parametrize(
    "uri",
    [
        "https://portal.example.com",
        "https://portal.example.com/x",
        "https://portal.example.com//",
        "https://portal.example.com/callback",
        "https://intranet.example.com/",
        "https://evil.example/",
        "https://portal.example.com\\@evil.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example/",
        "",
    ],
)
def test_only_a_registered_uri_is_returned_to(browser: Browser, portal: RelyingParty, uri: str) -> None:
    tokens = portal.sign_in(browser)
    with capture_logs() as lines:
        page = leave(browser, id_token_hint=tokens.id_token, post_logout_redirect_uri=uri, state="s")
    assert (page.is_outside, page.heading) == (False, "You’re signed out")
    assert not is_signed_in(browser)
    refused = [line for line in lines if line["event"] == "logout:unregistered"]
    if not uri:
        # Empty is absent.
        assert (page.status, [*page.page.links], refused) == (200, ["Sign in again"], [])
        return
    assert (page.status, page.page.links) == (400, {})
    assert "Team portal asked to return to an address that is not registered for it" in page.page.words
    assert uri not in page.text
    (line,) = refused
    assert (line["client_id"], line["error"]) == ("portal", "invalid_request")
    assert line["detail"].startswith(f"received {uri!r}, registered ['{HOME}'")


def test_whoever_is_asked_first_learns_after_the_answer_that_it_leads_nowhere(
    browser: Browser, portal: RelyingParty
) -> None:
    portal.sign_in(browser)
    page = leave(browser, client_id="portal", post_logout_redirect_uri="https://evil.example/")
    assert (page.status, page.heading) == (200, "Sign out?")
    stayed = browser.submit(page, "Stay signed in")
    assert (stayed.status, stayed.heading, stayed.page.links) == (400, "You’re still signed in", {})
    assert is_signed_in(browser)
    gone = browser.submit(page, "Sign out")
    assert (gone.status, gone.heading, gone.page.links) == (400, "You’re signed out", {})
    assert "leads nowhere" in gone.page.words
    assert not is_signed_in(browser)


def test_without_a_client_no_address_is_registered(browser: Browser, portal: RelyingParty) -> None:
    portal.sign_in(browser)
    gone = browser.submit(leave(browser, post_logout_redirect_uri=HOME), "Sign out")
    assert (gone.status, gone.is_outside, gone.heading) == (400, False, "You’re signed out")
    assert "The application did not say which one it is" in gone.page.words


def test_a_uri_is_returned_to_for_the_client_of_the_hint_alone(
    browser: Browser, portal: RelyingParty, intranet: RelyingParty
) -> None:
    tokens = portal.sign_in(browser)
    mismatched = leave(browser, id_token_hint=tokens.id_token, client_id="intranet", post_logout_redirect_uri=HOME)
    assert (mismatched.status, mismatched.is_outside) == (400, False)
    assert is_signed_in(browser)


def test_a_registered_query_is_kept_and_the_state_appended(browser: Browser, portal: RelyingParty) -> None:
    tokens = portal.sign_in(browser)
    registered = "https://portal.example.com/bye?from=a%20b"
    landing = leave(browser, id_token_hint=tokens.id_token, post_logout_redirect_uri=registered, state="s")
    assert landing.url == registered + "&state=s"


@pytest.mark.parametrize("state", ["x\r\nLocation: https://evil.example", "<script>", "#evil", "\u2028", "%0d%0a"])
def test_a_state_cannot_inject_anything(browser: Browser, portal: RelyingParty, state: str) -> None:
    tokens = portal.sign_in(browser)
    asked = leave(browser, client_id="portal", post_logout_redirect_uri=HOME, state=state)
    assert "<script>" not in asked.text
    landing = leave(browser, id_token_hint=tokens.id_token, post_logout_redirect_uri=HOME, state=state)
    assert landing.answer == {"state": state}
