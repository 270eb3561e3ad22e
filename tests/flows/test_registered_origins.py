"""CORS for a single-page application that registered itself: its origins are those of its redirect URIs."""

from typing import Any

import pytest
from sqlalchemy import exc

from tests.flows.browser import Browser
from tests.flows.conftest import MakeProvider
from tests.flows.databases import always_on_both
from tests.flows.dpop import bound_client
from tests.flows.provider import Provider
from tests.flows.registering import manage, party, registered
from tests.flows.test_cors import FOR_BROWSERS, preflight

ORIGIN = "https://app.example.org"
SPA: dict[str, Any] = {"token_endpoint_auth_method": "none", "redirect_uris": [f"{ORIGIN}/callback"]}


@always_on_both
def test_it_does_its_whole_flow_from_its_origin(provider: Provider, browser: Browser) -> None:
    of = registered(provider, **SPA)
    app, bound = party(provider, of), bound_client(provider)
    attempt = app.ask(scope="openid")
    pushed = app.post("/par", attempt.parameters, Origin=ORIGIN)
    code = app.authorize(browser, attempt).code
    data = {"grant_type": "authorization_code", "code": code, "redirect_uri": app.redirect_uri}
    got = app.post("/token", data | {"code_verifier": attempt.verifier}, Origin=ORIGIN, **bound.at_token())
    access = got.get_json()["access_token"]
    headers = bound.at("/userinfo", access) | {"Origin": ORIGIN}
    seen = provider.call("GET", "/userinfo", headers=headers)
    gone = app.post("/revoke", {"token": access}, Origin=ORIGIN)
    for answer in (pushed, got, seen, gone):
        assert answer.status_code in {200, 201}
        assert (answer.headers["Access-Control-Allow-Origin"], answer.headers["Vary"]) == (ORIGIN, "Origin")
        assert "Access-Control-Allow-Credentials" not in answer.headers


@always_on_both
@pytest.mark.parametrize("rest", ["", "?from=here", "/", ":443/callback", ":443"])
def test_its_redirect_uri_may_have_no_path_and_name_the_default_port(provider: Provider, rest: str) -> None:
    registered(provider, **SPA | {"redirect_uris": [ORIGIN + rest]})
    assert preflight(provider, "/token", ORIGIN)["Access-Control-Allow-Origin"] == ORIGIN


@pytest.mark.parametrize("path", FOR_BROWSERS)
def test_its_preflights_and_errors_may_be_read(provider: Provider, path: str) -> None:
    registered(provider, **SPA)
    assert preflight(provider, path, ORIGIN)["Access-Control-Allow-Origin"] == ORIGIN
    refused = provider.post(path, {"token": "x", "client_id": "x"}, Origin=ORIGIN)
    assert refused.headers["Access-Control-Allow-Origin"] == ORIGIN


@always_on_both
@pytest.mark.parametrize(
    "origin",
    [
        "https://app.example.or",
        "https://app.example.org.evil.example",
        "https://app.example.org:8443",
        "http://app.example.org",
        "https://APP.example.org",
        "https://app_example.org",
        "https://%.example.org",
        "https://app.example.org/callback",
        'https://app.example.org"',
        "https://app.example.org\\",
        "null",
        "*",
        "x" * 5000,
    ],
)
def test_no_other_origin_is_one_of_it(provider: Provider, origin: str) -> None:
    registered(provider, **SPA)
    assert "Access-Control-Allow-Origin" not in preflight(provider, "/token", origin)


@pytest.mark.parametrize(
    "changes",
    [
        {"token_endpoint_auth_method": "client_secret_basic"},
        {"application_type": "native", "redirect_uris": ["https://app.example.org/callback"]},
        {"redirect_uris": ["https://elsewhere.example.org/callback"], "client_uri": f"{ORIGIN}/"},
        {"redirect_uris": [f"https://elsewhere.example.org/callback?to={ORIGIN}/"]},
    ],
)
def test_what_is_no_single_page_application_there_has_no_origin(provider: Provider, changes: dict[str, Any]) -> None:
    registered(provider, **SPA | changes)
    assert "Access-Control-Allow-Origin" not in preflight(provider, "/token", ORIGIN)


def test_an_origin_comes_and_goes_with_its_client(make_provider: MakeProvider) -> None:
    provider = make_provider()
    assert "Access-Control-Allow-Origin" not in preflight(provider, "/token", ORIGIN)
    of = registered(provider, **SPA)
    assert "Access-Control-Allow-Origin" in preflight(provider, "/token", ORIGIN)
    assert manage(provider, of, "DELETE").status_code == 204
    assert "Access-Control-Allow-Origin" not in preflight(provider, "/token", ORIGIN)


def test_origins_that_nobody_knows_cost_a_few_look_ups_a_second(provider: Provider) -> None:
    seen: list[str] = []
    origins = provider.app.server.registered._origins  # type: ignore[attr-defined]
    origins._timer = lambda: 5.0
    origins._database, database = _Counting(seen), origins._database
    try:
        for number in range(100):
            assert not origins.has(f"https://a{number}.example.org")
    finally:
        origins._database = database
    assert len(seen) == 20


class _Counting:
    """A database that is away, and counts who asks."""

    def __init__(self, seen: list[str]) -> None:
        self._seen = seen

    def read(self) -> "_Counting":
        self._seen.append("read")
        raise exc.TimeoutError
