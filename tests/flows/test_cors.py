"""CORS: what browsers call may be read by registered origins, never with credentials (RFC 9700 §2.6)."""

import pytest

from tests.flows.browser import Browser
from tests.flows.provider import Provider
from tests.flows.relying_party import RelyingParty

ORIGIN = "https://dashboard.example.com"
FOR_BROWSERS = ["/token", "/userinfo", "/revoke", "/par"]
PUBLIC = ["/jwks.json", "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"]
STRANGERS = [
    "https://evil.example",
    "null",
    "https://dashboard.example.com.evil.example",
    "https://sub.dashboard.example.com",
    "http://dashboard.example.com",
    "https://dashboard.example.com:8443",
    "HTTPS://DASHBOARD.EXAMPLE.COM",
    "https://portal.example.com",
    "*",
    "",
]


def preflight(provider: Provider, path: str, origin: str, method: str = "POST") -> dict[str, str]:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    response = provider.call("OPTIONS", path, headers=headers)
    assert "Access-Control-Allow-Credentials" not in response.headers
    return dict(response.headers) if response.status_code == 204 else {}


def test_a_single_page_application_does_its_whole_flow_from_its_origin(
    provider: Provider, browser: Browser, dashboard: RelyingParty
) -> None:
    attempt = dashboard.ask(scope="openid offline_access")
    code = dashboard.authorize(browser, attempt).code
    data = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": dashboard.redirect_uri,
        "code_verifier": attempt.verifier,
    }
    answers = [dashboard.post("/token", data, Origin=ORIGIN)]
    tokens = dashboard.tokens(answers[0])
    headers = {"Authorization": f"Bearer {tokens.access_token}", "Origin": ORIGIN}
    answers.append(provider.call("GET", "/userinfo", headers=headers))
    answers.append(dashboard.post("/revoke", {"token": tokens.refresh_token}, Origin=ORIGIN))
    for answer in answers:
        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize("path", FOR_BROWSERS)
def test_a_preflight_of_a_registered_origin_is_answered(provider: Provider, path: str) -> None:
    headers = preflight(provider, path, ORIGIN)
    assert headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "POST" in headers["Access-Control-Allow-Methods"]
    assert {"authorization", "content-type"} <= set(headers["Access-Control-Allow-Headers"].lower().split(", "))
    assert "Origin" in headers["Vary"]


@pytest.mark.parametrize("path", FOR_BROWSERS)
@pytest.mark.parametrize("origin", STRANGERS)
def test_any_other_origin_may_read_nothing(provider: Provider, path: str, origin: str) -> None:
    assert "Access-Control-Allow-Origin" not in preflight(provider, path, origin)
    answer = provider.post(path, {"token": "x"}, Origin=origin)
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize("path", FOR_BROWSERS)
def test_a_registered_origin_may_read_its_errors_and_challenges(provider: Provider, path: str) -> None:
    answer = provider.post(path, {"grant_type": "x", "client_id": "dashboard"}, Origin=ORIGIN)
    assert answer.status_code >= 400
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "WWW-Authenticate" in answer.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("path", PUBLIC)
def test_public_documents_are_for_every_origin(provider: Provider, path: str) -> None:
    for origin in ("https://evil.example", "null"):
        answer = provider.call("GET", path, headers={"Origin": origin})
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("path", ["/authorize", "/introspect", "/end_session", "/sign-in", "/consent", "/"])
def test_pages_and_endpoints_for_servers_say_nothing_of_origins(provider: Provider, path: str) -> None:
    for method in ("GET", "OPTIONS", "POST"):
        answer = provider.call(method, path, headers={"Origin": ORIGIN, "Access-Control-Request-Method": "POST"})
        assert not [name for name, _ in answer.headers if name.lower().startswith("access-control-")]


def test_a_new_origin_counts_as_soon_as_clients_yaml_says_so(provider: Provider) -> None:
    assert "Access-Control-Allow-Origin" not in preflight(provider, "/token", "https://new.example.com")
    provider.amend("https://dashboard.example.com/callback", "https://new.example.com/callback")
    assert preflight(provider, "/token", "https://new.example.com")["Access-Control-Allow-Origin"]
    assert "Access-Control-Allow-Origin" not in preflight(provider, "/token", ORIGIN)
