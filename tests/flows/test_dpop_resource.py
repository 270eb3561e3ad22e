"""Bound access tokens at the server's own resources: userinfo, introspection, the API (RFC 9449 §7)."""

import pytest

from tests.flows.browser import Browser
from tests.flows.dpop import BoundClient, bound_client
from tests.flows.provider import Provider
from tests.flows.relying_party import RelyingParty
from tests.flows.test_dpop import bound, redeemed


@pytest.fixture
def keyed(provider: Provider) -> BoundClient:
    return bound_client(provider)


@pytest.fixture
def token(browser: Browser, portal: RelyingParty, keyed: BoundClient) -> str:
    """A bound access token, for userinfo and an API."""
    return bound(portal, redeemed(portal, browser, keyed.at_token())).access_token


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_userinfo_takes_a_bound_token_with_its_proof(
    provider: Provider, keyed: BoundClient, token: str, method: str
) -> None:
    answer = provider.call(method, "/userinfo", headers=keyed.at("/userinfo", token, method))
    assert answer.status_code == 200
    assert answer.get_json()["sub"] == provider.people["ada"]


@pytest.mark.parametrize("scheme", ["dpop", "DPOP", "DpOp"])
def test_access_token_type_header_case_sensitivity(
    provider: Provider, keyed: BoundClient, token: str, scheme: str
) -> None:
    headers = keyed.at("/userinfo", token) | {"Authorization": f"{scheme} {token}"}
    assert provider.call("GET", "/userinfo", headers=headers).status_code == 200


def test_a_bound_token_is_worth_nothing_as_a_bearer_token(provider: Provider, keyed: BoundClient, token: str) -> None:
    for proof in ({}, {"DPoP": keyed.proof("/userinfo", "GET", token)}):
        answer = provider.call("GET", "/userinfo", headers={"Authorization": f"Bearer {token}"} | proof)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith('DPoP realm="authserver", error="invalid_token", algs="')
    headers = {"DPoP": keyed.proof("/userinfo", "POST", token)}
    assert provider.call("POST", "/userinfo", data={"access_token": token}, headers=headers).status_code == 401


def test_a_bearer_token_does_not_become_a_bound_one(
    provider: Provider, browser: Browser, portal: RelyingParty, keyed: BoundClient
) -> None:
    plain = portal.sign_in(browser).access_token
    answer = provider.call("GET", "/userinfo", headers=keyed.at("/userinfo", plain))
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_dpop_negative_tests_at_the_resource(provider: Provider, keyed: BoundClient, token: str) -> None:
    stranger = bound_client(provider)
    good = keyed.at("/userinfo", token)
    for headers in (
        {"Authorization": f"DPoP {token}"},
        stranger.at("/userinfo", token),
        keyed.at("/userinfo", token, "POST"),
        keyed.at("/token", token),
        keyed.at("/userinfo", token, ath="x"),
        keyed.at("/userinfo", token, ath=None),
        keyed.at("/userinfo", token, iat=provider.clock.now - 61),
        {"Authorization": f"DPoP {token}", "DPoP": f"{good['DPoP']}, {good['DPoP']}"},
    ):
        answer = provider.call("GET", "/userinfo", headers=headers)
        assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_dpop_proof")
        assert answer.headers["WWW-Authenticate"].startswith('DPoP realm="authserver", error="invalid_dpop_proof"')
    assert provider.call("GET", "/userinfo", headers=good).status_code == 200
    assert provider.call("GET", "/userinfo", headers=good).status_code == 401


def test_every_challenge_to_a_bound_token_is_of_its_scheme(
    provider: Provider, browser: Browser, portal: RelyingParty, keyed: BoundClient
) -> None:
    narrow = bound(portal, redeemed(portal, browser, keyed.at_token(), scope="offline_access")).access_token
    answer = provider.call("GET", "/userinfo", headers=keyed.at("/userinfo", narrow))
    assert answer.status_code == 403
    assert answer.headers.getlist("WWW-Authenticate") == [
        'DPoP realm="authserver", error="insufficient_scope", scope="openid", algs="ES256 Ed25519 EdDSA PS256 RS256"'
    ]
    nothing = provider.call("GET", "/userinfo")
    assert [each.split()[0] for each in nothing.headers.getlist("WWW-Authenticate")] == ["Bearer", "DPoP"]


def test_introspection_tells_how_a_token_is_bound(provider: Provider, keyed: BoundClient, token: str) -> None:
    answer = provider.introspect(token)
    assert (answer["token_type"], answer["cnf"]) == ("DPoP", {"jkt": keyed.key.jkt})


def test_a_browser_may_send_proofs_and_read_nonces(provider: Provider) -> None:
    origin = "https://dashboard.example.com"
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "dpop"}
    preflight = provider.call("OPTIONS", "/token", headers=asked)
    assert "DPoP" in preflight.headers["Access-Control-Allow-Headers"].split(", ")
    answer = provider.call("POST", "/token", headers={"Origin": origin}, data={})
    assert "DPoP-Nonce" in answer.headers["Access-Control-Expose-Headers"].split(", ")
