"""DPoP at the token endpoint: tokens, codes and refresh tokens that are bound to a client's key (RFC 9449 §5, §10)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from werkzeug.test import TestResponse

from tests.flows.browser import Browser
from tests.flows.conftest import MakeProvider
from tests.flows.dpop import BoundClient, ProofKey, bound_client
from tests.flows.provider import Provider
from tests.flows.relying_party import RelyingParty, Tokens
from tests.store.at_once import CALLERS

OFFLINE = "openid offline_access"


def redeemed(client: RelyingParty, browser: Browser, headers: dict[str, str], **ask: str) -> TestResponse:
    """The answer to a code that is redeemed with these headers."""
    attempt = client.ask(**{"scope": OFFLINE} | ask)
    data = {
        "grant_type": "authorization_code",
        "code": client.authorize(browser, attempt).code,
        "redirect_uri": client.redirect_uri,
        "code_verifier": attempt.verifier,
    }
    return client.post("/token", data, **headers)


def refreshed(client: RelyingParty, refresh_token: str, headers: dict[str, str]) -> TestResponse:
    return client.post("/token", {"grant_type": "refresh_token", "refresh_token": refresh_token}, **headers)


def bound(client: RelyingParty, response: TestResponse) -> Tokens:
    """A token response that succeeded and whose access token is bound."""
    assert response.status_code == 200, response.text
    assert response.get_json()["token_type"] == "DPoP"
    return Tokens(client.provider, client.client_id, response.get_json())


def error(response: TestResponse) -> tuple[int, str]:
    return response.status_code, response.get_json()["error"]


@pytest.fixture
def keyed(provider: Provider) -> BoundClient:
    return bound_client(provider)


def test_happy_flow_a_proof_binds_the_access_token_to_its_key(
    browser: Browser, portal: RelyingParty, keyed: BoundClient
) -> None:
    tokens = bound(portal, redeemed(portal, browser, keyed.at_token()))
    assert tokens.access_claims["cnf"] == {"jkt": keyed.key.jkt}
    assert "cnf" not in tokens.id_claims
    again = bound(portal, refreshed(portal, tokens.refresh_token, keyed.at_token()))
    assert again.access_claims["cnf"] == {"jkt": keyed.key.jkt}


def test_without_a_proof_a_token_is_a_bearer_token(browser: Browser, portal: RelyingParty) -> None:
    assert "cnf" not in portal.sign_in(browser).access_claims


def test_a_service_binds_its_token_too(provider: Provider, keyed: BoundClient) -> None:
    nightly = provider.client("nightly")
    tokens = bound(nightly, nightly.post("/token", {"grant_type": "client_credentials"}, **keyed.at_token()))
    assert tokens.access_claims["cnf"] == {"jkt": keyed.key.jkt}


@pytest.mark.parametrize(
    ("make", "alg"),
    [
        (lambda: rsa.generate_private_key(65537, 2048), "RS256"),
        (lambda: rsa.generate_private_key(65537, 2048), "PS256"),
        (ed25519.Ed25519PrivateKey.generate, "EdDSA"),
    ],
)
def test_keys_of_every_advertised_algorithm_bind(provider: Provider, make: Callable[[], Any], alg: str) -> None:
    metadata = provider.call("GET", "/.well-known/oauth-authorization-server").get_json()
    assert {alg, "ES256", "Ed25519"} <= set(metadata["dpop_signing_alg_values_supported"])
    keyed, nightly = BoundClient(provider, ProofKey(provider.clock, make(), alg)), provider.client("nightly")
    tokens = bound(nightly, nightly.post("/token", {"grant_type": "client_credentials"}, **keyed.at_token()))
    assert tokens.access_claims["cnf"] == {"jkt": keyed.key.jkt}


@pytest.mark.parametrize("seconds", [-10, 10])
def test_ensure_dpopproof_with_iat_10seconds_before_and_after_succeeds(
    provider: Provider, keyed: BoundClient, seconds: int
) -> None:
    nightly = provider.client("nightly")
    headers = keyed.at_token(iat=provider.clock.now + seconds)
    bound(nightly, nightly.post("/token", {"grant_type": "client_credentials"}, **headers))


@pytest.mark.parametrize("seconds", [-3600, -61, 61, 3600])
def test_a_proof_that_is_too_old_or_from_the_future_is_refused(
    provider: Provider, keyed: BoundClient, seconds: int
) -> None:
    headers = keyed.at_token(iat=provider.clock.now + seconds)
    response = provider.client("nightly").post("/token", {"grant_type": "client_credentials"}, **headers)
    assert error(response) == (400, "invalid_dpop_proof")


def test_check_dpop_proof_nbf_exp_other_claims_do_no_harm(provider: Provider, keyed: BoundClient) -> None:
    nightly, now = provider.client("nightly"), provider.clock.now
    headers = keyed.at_token(nbf=now - 5, exp=now + 60, sub="somebody", aud="somewhere")
    bound(nightly, nightly.post("/token", {"grant_type": "client_credentials"}, **headers))


@pytest.mark.parametrize(
    "changes",
    [
        {"htm": "GET"},
        {"htm": "post"},
        {"htm": None},
        {"htu": "https://evil.example/token"},
        {"htu": "{issuer}/userinfo"},
        {"htu": "{issuer}/token/"},
        {"htu": "{issuer}"},
        {"htu": None},
        {"iat": None},
        {"iat": "1800000000"},
        {"iat": True},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"jti": "x" * 257},
        {"nonce": 7},
    ],
)
def test_dpop_negative_tests_claims(provider: Provider, keyed: BoundClient, changes: dict[str, Any]) -> None:
    nightly = provider.client("nightly")
    filled = {
        name: value.replace("{issuer}", provider.issuer) if isinstance(value, str) else value
        for name, value in changes.items()
    }
    response = nightly.post("/token", {"grant_type": "client_credentials"}, **keyed.at_token(**filled))
    assert error(response) == (400, "invalid_dpop_proof")


def test_the_url_of_a_proof_is_the_issuer_s_whatever_host_was_called(provider: Provider) -> None:
    keyed, nightly = bound_client(provider), provider.client("nightly")
    upper = provider.issuer.replace("http://", "HTTP://").replace("https://", "HTTPS://")
    headers = keyed.at_token(htu=f"{upper}/token?query=ignored#fragment")
    bound(nightly, nightly.post("/token", {"grant_type": "client_credentials"}, **headers))
    forged = keyed.at_token(htu="https://evil.example/token") | {"Host": "evil.example"}
    response = nightly.post("/token", {"grant_type": "client_credentials"}, **forged)
    assert error(response) == (400, "invalid_dpop_proof")


def test_ensure_token_endpoint_fails_with_mismatched_dpop_jkt(
    browser: Browser, portal: RelyingParty, provider: Provider, keyed: BoundClient
) -> None:
    """And a code that nobody could redeem is not spent by trying: its owner still can."""
    attempt = portal.ask(scope=OFFLINE, dpop_jkt=keyed.key.jkt)
    data = {
        "grant_type": "authorization_code",
        "code": portal.authorize(browser, attempt).code,
        "redirect_uri": portal.redirect_uri,
        "code_verifier": attempt.verifier,
    }
    assert error(portal.post("/token", data)) == (400, "invalid_grant")
    assert error(portal.post("/token", data, **bound_client(provider).at_token())) == (400, "invalid_grant")
    assert bound(portal, portal.post("/token", data, **keyed.at_token())).access_claims["cnf"] == {"jkt": keyed.key.jkt}


def test_ensure_dpop_auth_code_binding_success(browser: Browser, dashboard: RelyingParty, keyed: BoundClient) -> None:
    bound(dashboard, redeemed(dashboard, browser, keyed.at_token(), dpop_jkt=keyed.key.jkt))


@pytest.mark.parametrize("jkt", ["short", "x" * 44, "+" * 43, "é" * 43])
def test_a_dpop_jkt_that_is_no_thumbprint_is_an_error_at_the_client(
    provider: Provider, browser: Browser, portal: RelyingParty, jkt: str
) -> None:
    landing = browser.open(portal.ask(dpop_jkt=jkt).url)
    assert landing.answer["error"] == "invalid_request"


def test_the_refresh_tokens_of_a_public_client_are_bound_to_its_key(
    browser: Browser, dashboard: RelyingParty, provider: Provider, keyed: BoundClient
) -> None:
    tokens = bound(dashboard, redeemed(dashboard, browser, keyed.at_token()))
    stolen = tokens.refresh_token
    assert error(refreshed(dashboard, stolen, {})) == (400, "invalid_grant")
    assert error(refreshed(dashboard, stolen, bound_client(provider).at_token())) == (400, "invalid_grant")
    again = bound(dashboard, refreshed(dashboard, stolen, keyed.at_token()))
    assert error(refreshed(dashboard, again.refresh_token, {})) == (400, "invalid_grant")
    bound(dashboard, refreshed(dashboard, again.refresh_token, keyed.at_token()))


def test_a_public_client_that_begins_to_prove_its_key_binds_its_refresh_tokens_then(
    browser: Browser, dashboard: RelyingParty, keyed: BoundClient
) -> None:
    plain = dashboard.sign_in(browser, scope=OFFLINE)
    tokens = bound(dashboard, refreshed(dashboard, plain.refresh_token, keyed.at_token()))
    assert error(refreshed(dashboard, tokens.refresh_token, {})) == (400, "invalid_grant")
    bound(dashboard, refreshed(dashboard, tokens.refresh_token, keyed.at_token()))


def test_the_refresh_tokens_of_a_confidential_client_are_not(
    browser: Browser, portal: RelyingParty, provider: Provider, keyed: BoundClient
) -> None:
    tokens = bound(portal, redeemed(portal, browser, keyed.at_token(), dpop_jkt=keyed.key.jkt))
    other = bound_client(provider)
    again = bound(portal, refreshed(portal, tokens.refresh_token, other.at_token()))
    assert again.access_claims["cnf"] == {"jkt": other.key.jkt}
    assert portal.tokens(portal.refresh(again.refresh_token)).body["token_type"] == "Bearer"


def test_ensure_holder_of_key_required_where_clients_yaml_says_so(
    provider: Provider, browser: Browser, keyed: BoundClient
) -> None:
    provider.amend("client_id: portal\n", "client_id: portal\n    dpop_bound_access_tokens: true\n")
    portal = provider.client("portal")
    assert error(redeemed(portal, browser, {})) == (400, "invalid_dpop_proof")
    tokens = bound(portal, redeemed(portal, browser, keyed.at_token()))
    assert error(refreshed(portal, tokens.refresh_token, {})) == (400, "invalid_dpop_proof")
    bound(portal, refreshed(portal, tokens.refresh_token, keyed.at_token()))


def test_a_proof_is_taken_once_by_whichever_worker(make_provider: MakeProvider) -> None:
    first, second = make_provider(), make_provider()
    headers = bound_client(first).at_token()
    bound(
        first.client("nightly"), first.client("nightly").post("/token", {"grant_type": "client_credentials"}, **headers)
    )
    response = second.client("nightly").post("/token", {"grant_type": "client_credentials"}, **headers)
    assert error(response) == (400, "invalid_dpop_proof")


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_of_many_requests_with_one_proof_one_gets_a_token(provider: Provider, keyed: BoundClient) -> None:
    nightly, headers = provider.client("nightly"), keyed.at_token()

    def ask(_: int) -> int:
        return nightly.post("/token", {"grant_type": "client_credentials"}, **headers).status_code

    with ThreadPoolExecutor(CALLERS) as pool:
        statuses = list(pool.map(ask, range(CALLERS)))
    assert sorted(statuses) == [200] + [400] * (CALLERS - 1)


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_a_replayed_proof_spends_neither_code_nor_refresh_token(
    browser: Browser, dashboard: RelyingParty, keyed: BoundClient
) -> None:
    used = keyed.at_token()
    tokens = bound(dashboard, redeemed(dashboard, browser, used))
    attempt = dashboard.ask(scope=OFFLINE)
    data = {
        "grant_type": "authorization_code",
        "code": dashboard.authorize(browser, attempt).code,
        "redirect_uri": dashboard.redirect_uri,
        "code_verifier": attempt.verifier,
    }
    assert error(dashboard.post("/token", data, **used)) == (400, "invalid_dpop_proof")
    bound(dashboard, dashboard.post("/token", data, **keyed.at_token()))
    assert error(refreshed(dashboard, tokens.refresh_token, used)) == (400, "invalid_dpop_proof")
    bound(dashboard, refreshed(dashboard, tokens.refresh_token, keyed.at_token()))


def test_what_is_refused_stores_no_proof(provider: Provider, keyed: BoundClient) -> None:
    """A public client proves nothing of itself, so whoever names it must not fill the database."""
    data = {"grant_type": "refresh_token", "refresh_token": "x", "client_id": "dashboard"}
    headers = keyed.at_token()
    assert error(provider.post("/token", data, **headers)) == (400, "invalid_grant")
    nightly = provider.client("nightly")
    bound(nightly, nightly.post("/token", {"grant_type": "client_credentials"}, **headers))


def test_two_dpop_headers_are_refused(provider: Provider, keyed: BoundClient) -> None:
    both = f"{keyed.at_token()['DPoP']},{keyed.at_token()['DPoP']}"
    response = provider.client("nightly").post("/token", {"grant_type": "client_credentials"}, DPoP=both)
    assert error(response) == (400, "invalid_dpop_proof")
