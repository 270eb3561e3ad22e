"""An https issuer: cookies bound to the host, HSTS, and nothing that follows the plain-http hop behind a proxy."""

from http.cookies import SimpleCookie

import pytest

from tests.flows.conftest import MakeProvider
from tests.flows.provider import Provider
from tests.flows.relying_party import EVERYTHING, RelyingParty

ISSUER = "https://id.example.com"


@pytest.fixture
def provider(make_provider: MakeProvider) -> Provider:
    return make_provider(issuer=ISSUER)


def test_a_whole_flow_with_secure_cookies_and_hsts_on_every_page(provider: Provider, portal: RelyingParty) -> None:
    # The browser checks each answer: __Host-, Secure, HttpOnly, SameSite=Lax, Path=/, no Domain, and HSTS.
    browser = provider.browser()
    tokens = portal.sign_in(browser, scope=EVERYTHING)
    assert tokens.id_claims["iss"] == ISSUER
    assert len(browser.cookie("__Host-authserver_session") or "") == 43
    assert browser.cookie("__Host-authserver_browser")
    assert browser.cookie("authserver_session") is None


def test_hsts_lasts_at_least_a_year(provider: Provider) -> None:
    header = provider.browser().open("/").headers["Strict-Transport-Security"]
    assert int(header.removeprefix("max-age=").partition(";")[0]) >= 31_536_000


@pytest.mark.parametrize(
    "path",
    [
        "/jwks.json",
        "/.well-known/openid-configuration",
        "/token",
        "/userinfo",
        "/revoke",
        "/introspect",
        "/par",
        "/device_authorization",
    ],
)
def test_endpoints_for_machines_say_hsts_too(provider: Provider, path: str) -> None:
    assert "max-age=" in provider.call("GET", path).headers["Strict-Transport-Security"]


def test_signing_out_takes_the_cookie_away_with_the_same_attributes(provider: Provider, portal: RelyingParty) -> None:
    browser = provider.browser()
    portal.sign_in(browser)
    form = browser.open("/").page.form
    response = browser.client.post(
        f"{ISSUER}/sign-out", data=form.fields, headers={"Origin": ISSUER, "Sec-Fetch-Site": "same-origin"}
    )
    (cookie,) = (
        morsel
        for text in response.headers.getlist("Set-Cookie")
        for name, morsel in SimpleCookie(text).items()
        if name == "__Host-authserver_session"
    )
    assert (cookie.value, cookie["max-age"], cookie["path"], cookie["secure"]) == ("", "0", "/", True)


def test_behind_a_proxy_that_speaks_plain_http_all_is_as_if_it_were_https(
    provider: Provider, portal: RelyingParty
) -> None:
    path = portal.ask().url.removeprefix(ISSUER)
    response = provider.machine.get(path, base_url="http://10.0.0.5:8080")
    assert response.headers["Location"].startswith(f"{ISSUER}/sign-in?request=")
    assert "; Secure;" in response.headers["Set-Cookie"]
    token = provider.machine.post(
        "/token", base_url="http://10.0.0.5:8080", data={"grant_type": "client_credentials", "client_id": "x"}
    )
    assert token.status_code == 401


def test_a_cookie_without_the_prefix_is_not_read(provider: Provider, portal: RelyingParty) -> None:
    browser, other = provider.browser(), provider.browser()
    portal.sign_in(browser)
    other.plant("authserver_session", browser.cookie("__Host-authserver_session") or "")
    assert other.open("/").heading == "Sign-in service"
