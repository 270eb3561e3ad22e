"""An issuer with a path: everything hangs under it, and the metadata also where RFC 8414 §3.1 puts it."""

import pytest

from tests.flows.conftest import MakeProvider
from tests.flows.provider import Provider
from tests.flows.relying_party import EVERYTHING

ISSUER = "http://localhost:8080/auth/eu"


@pytest.fixture
def provider(make_provider: MakeProvider) -> Provider:
    return make_provider(issuer=ISSUER)


def test_a_whole_flow_stays_under_the_path(provider: Provider) -> None:
    browser, portal = provider.browser(), provider.client("portal")
    attempt = portal.ask(scope=EVERYTHING)
    page = browser.open(attempt.url)
    assert page.url.startswith(f"{ISSUER}/sign-in?request=")
    for _, attributes in page.page.elements:
        for name in ("src", "href", "action"):
            if attributes.get(name):
                assert str(attributes[name]).removeprefix("http://localhost:8080").startswith("/auth/eu/")
    landing = browser.allow(browser.sign_in(page, "ada"))
    tokens = portal.refreshed(portal.finish(attempt, landing))
    assert tokens.id_claims["iss"] == ISSUER
    assert tokens.access_claims["iss"] == ISSUER
    assert provider.userinfo(tokens.access_token).status_code == 200
    assert provider.is_alive(tokens.access_token)
    assert portal.revoke(tokens.refresh_token).status_code == 200
    gone = browser.open(f"{ISSUER}/end_session?id_token_hint={tokens.id_token}")
    assert gone.heading == "You’re signed out"


def test_pages_stylesheets_and_sign_out_work_under_the_path(provider: Provider) -> None:
    browser = provider.browser()
    home = browser.sign_in(browser.open(f"{ISSUER}/sign-in"), "ada")
    assert (home.url, home.heading) == (f"{ISSUER}/", "You’re signed in")
    stylesheets = [each["href"] for tag, each in home.page.elements if tag == "link" and each["rel"] == "stylesheet"]
    assert len(stylesheets) == 2
    for stylesheet in stylesheets:
        answer = provider.call("GET", f"http://localhost:8080{stylesheet}")
        assert answer.status_code == 200
        answer.close()
    assert browser.submit(home, "Sign out").heading == "Sign-in service"


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8080/auth/eu/.well-known/openid-configuration",
        "http://localhost:8080/auth/eu/.well-known/oauth-authorization-server",
        "http://localhost:8080/.well-known/oauth-authorization-server/auth/eu",
        "http://localhost:8080/.well-known/openid-configuration/auth/eu",
    ],
)
def test_the_metadata_is_found_both_ways_and_says_the_same(provider: Provider, url: str) -> None:
    answer = provider.call("GET", url)
    assert answer.status_code == 200
    assert answer.get_json()["issuer"] == ISSUER
    assert answer.data == provider.call("GET", f"{ISSUER}/.well-known/openid-configuration").data
    endpoints = [value for name, value in answer.get_json().items() if name.endswith(("_endpoint", "_uri"))]
    assert len(endpoints) == 10
    assert all(value.startswith(f"{ISSUER}/") for value in endpoints)


@pytest.mark.parametrize(
    "path",
    [
        "/authorize",
        "/token",
        "/jwks.json",
        "/userinfo",
        "/sign-in",
        "/",
        "/.well-known/openid-configuration",
        "/auth/authorize",
        "/auth/eux/authorize",
        "/auth/eu",
        "/auth/eu/../eu/authorize",
        "//auth/eu/authorize",
        "/auth/eu//authorize",
        "/AUTH/EU/authorize",
        "/auth/eu/auth/eu/authorize",
    ],
)
def test_outside_the_path_there_is_nothing(provider: Provider, path: str) -> None:
    for method in ("GET", "POST"):
        response = provider.call(method, f"http://localhost:8080{path}", data={} if method == "POST" else None)
        assert response.status_code in {404, 405}
        assert "Location" not in response.headers
    if path != "/auth/eu":
        assert provider.call("GET", f"http://localhost:8080{path}").status_code == 404


def test_a_token_of_another_issuer_on_the_same_database_and_keys_is_refused(make_provider: MakeProvider) -> None:
    here, there = make_provider(issuer=ISSUER), make_provider(issuer="http://localhost:8080/auth/us")
    tokens = here.client("portal").sign_in(here.browser(), scope="openid offline_access")
    assert here.is_alive(tokens.access_token)
    assert not there.is_alive(tokens.access_token)
    assert there.userinfo(tokens.access_token).status_code == 401
