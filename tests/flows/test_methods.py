"""HEAD, OPTIONS and other methods neither sign in, nor consent, nor mint (security: link scanners act by HEAD)."""

import pytest

from tests.flows.browser import Browser
from tests.flows.provider import Provider
from tests.flows.relying_party import RelyingParty

PAGES = ["/authorize", "/sign-in", "/consent", "/refused", "/end_session", "/"]


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "FOO"])
def test_at_the_authorization_endpoint_they_give_no_code(
    provider: Provider, browser: Browser, portal: RelyingParty, intranet: RelyingParty, method: str
) -> None:
    portal.sign_in(browser)
    granted = len(provider.events("authorization:request:granted"))
    for client in (portal, intranet):
        response = browser.client.open(client.ask().url, method=method)
        assert response.status_code == 405
        assert "Location" not in response.headers
        assert set(response.headers["Allow"].split(", ")) <= {"GET", "POST"}
    assert len(provider.events("authorization:request:granted")) == granted


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"])
def test_at_a_waiting_request_they_answer_nothing_and_allow_nothing(
    provider: Provider, browser: Browser, portal: RelyingParty, method: str
) -> None:
    consent = browser.sign_in(browser.open(portal.ask().url), "ada")
    handle = consent.url.partition("request=")[2]
    sent = consent.page.form.filled("Allow")
    for path in (consent.page.form.action, consent.url, f"/authorize/{handle}", f"/sign-in?request={handle}"):
        url = path if path.startswith("http") else f"{provider.issuer}{path}"
        response = browser.client.open(url, method=method, data=sent, headers={"Origin": provider.issuer})
        assert response.status_code == 405
    assert provider.events("user:consent:granted") == []
    assert browser.open(consent.url).heading == "Allow Team portal?"


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "DELETE"])
def test_they_sign_nobody_out(browser: Browser, portal: RelyingParty, method: str) -> None:
    tokens = portal.sign_in(browser)
    for path in (f"/end_session?id_token_hint={tokens.id_token}", "/sign-out", "/end_session/confirmed"):
        response = browser.client.open(f"{browser.issuer}{path}", method=method)
        assert response.status_code == 405
    assert browser.open("/").heading == "You’re signed in"


@pytest.mark.parametrize("path", ["/sign-out", "/end_session/confirmed"])
def test_what_changes_something_is_not_done_by_get(browser: Browser, portal: RelyingParty, path: str) -> None:
    portal.sign_in(browser)
    assert browser.open(path).status == 405
    assert browser.open("/").heading == "You’re signed in"


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_no_header_turns_one_method_into_another(browser: Browser, path: str, header: str) -> None:
    plain = browser.client.get(f"{browser.issuer}{path}")
    overridden = browser.client.get(f"{browser.issuer}{path}", headers={header: "POST"})
    assert (overridden.status_code, overridden.headers.get("Location")) == (
        plain.status_code,
        plain.headers.get("Location"),
    )


@pytest.mark.parametrize("path", ["/jwks.json", "/.well-known/openid-configuration"])
def test_head_of_a_document_is_its_get_without_the_body(provider: Provider, path: str) -> None:
    get, head = provider.call("GET", path), provider.call("HEAD", path)
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"] == get.headers["ETag"]
    assert head.headers["Content-Length"] == get.headers["Content-Length"]


@pytest.mark.parametrize("path", ["/", "/sign-in", "/jwks.json", "/token"])
def test_debuggers_files_and_databases_are_not_there(provider: Provider, path: str) -> None:
    for tail in ("../clients.yaml", "console", ".env", ".git/config", "authserver.db", "metrics", "debug", "%2e%2e/x"):
        response = provider.call("GET", f"{path.rstrip('/')}/{tail}")
        assert response.status_code == 404
    assert provider.call("GET", "/?__debugger__=yes&cmd=resource&f=debugger.js").status_code == 200
    assert "debugger" not in provider.call("GET", "/?__debugger__=yes&cmd=resource&f=debugger.js").text.lower()
