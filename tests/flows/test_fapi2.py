"""The FAPI 2.0 Security Profile: one line in an entry switches all of it on (Final, §5.3.2)."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from werkzeug.test import TestResponse

from tests.flows.assertions import JWT_BEARER, assertion, key, public, request_object, with_key
from tests.flows.browser import Browser
from tests.flows.certificates import BY_NAME, CA, HEADER, PROXY, VAULT, as_vault
from tests.flows.conftest import MakeProvider
from tests.flows.dpop import BoundClient, ProofKey, bound_client
from tests.flows.provider import START, Provider
from tests.flows.relying_party import Attempt, RelyingParty

SCOPE = "openid offline_access"


@pytest.fixture
def provider(make_provider: MakeProvider) -> Provider:
    """A server with one client of the profile, and codes that would live longer."""
    provider = make_provider(code_lifetime=600)
    provider.amend("name: Vault\n", "name: Vault\n    profile: fapi2\n")
    return provider


@pytest.fixture
def vault(provider: Provider) -> RelyingParty:
    return provider.client("vault")


@pytest.fixture
def keyed(provider: Provider) -> BoundClient:
    return bound_client(provider)


def redeemed(vault: RelyingParty, attempt: Attempt, code: str, **headers: str) -> TestResponse:
    data = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": vault.redirect_uri,
        "code_verifier": attempt.verifier,
    }
    return vault.post("/token", data, **headers)


def code_of(vault: RelyingParty, browser: Browser) -> tuple[Attempt, str]:
    attempt = vault.pushed(vault.ask(scope=SCOPE))
    return attempt, vault.authorize(browser, attempt).code


def pushed_with(vault: RelyingParty, made: str) -> TestResponse:
    sent = {"client_assertion_type": JWT_BEARER, "client_assertion": made}
    return vault.provider.post("/par", vault.ask().parameters | sent)


def test_happy_flow(provider: Provider, vault: RelyingParty, keyed: BoundClient, browser: Browser) -> None:
    attempt, code = code_of(vault, browser)
    answer = redeemed(vault, attempt, code, **keyed.at_token())
    assert answer.status_code == 200, answer.text
    body = answer.get_json()
    assert (body["token_type"], provider.verify(body["id_token"], "JWT", "vault")["nonce"]) == ("DPoP", attempt.nonce)
    token = body["access_token"]
    userinfo = provider.call("GET", "/userinfo", headers=keyed.at("/userinfo", token))
    assert userinfo.get_json()["sub"] == provider.people["ada"]
    refresh = {"grant_type": "refresh_token", "refresh_token": body["refresh_token"]}
    again = vault.post("/token", refresh, **keyed.at_token())
    assert again.status_code == 200
    # Rotation does no harm: who did not get the answer asks once more.
    provider.clock.pass_(30)
    assert vault.post("/token", refresh, **keyed.at_token()).get_json()["refresh_token"]


def test_ensure_unsigned_authorization_request_without_using_par_fails(browser: Browser, vault: RelyingParty) -> None:
    assert browser.open(vault.ask().url).error == "invalid_request"
    made = request_object(vault.ask(), vault.provider.issuer, START)
    assert browser.open(vault.ask(request=made).url).error == "invalid_request"


def test_ensure_holder_of_key_required(vault: RelyingParty, browser: Browser) -> None:
    attempt, code = code_of(vault, browser)
    answer = redeemed(vault, attempt, code)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_dpop_proof")


def test_a_proof_by_RS256_is_refused(  # noqa: N802 - the name of the algorithm
    provider: Provider, vault: RelyingParty, browser: Browser
) -> None:
    weak = bound_client(provider, ProofKey(provider.clock, rsa.generate_private_key(65537, 2048), "RS256"))
    strong = bound_client(provider, replace(weak.key, alg="PS256"))
    attempt, code = code_of(vault, browser)
    assert redeemed(vault, attempt, code, **weak.at_token()).get_json()["error"] == "invalid_dpop_proof"
    assert redeemed(vault, attempt, code, **strong.at_token()).status_code == 200


def test_ensure_token_endpoint_fails_with_expired_auth_code(
    provider: Provider, vault: RelyingParty, keyed: BoundClient, browser: Browser
) -> None:
    attempt, code = code_of(vault, browser)
    provider.clock.pass_(60)
    assert redeemed(vault, attempt, code, **keyed.at_token()).get_json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "audience",
    [
        pytest.param(["{}"], id="par-test-array-as-audience-fails"),
        pytest.param("{}/par", id="par-test-par-endpoint-url-as-audience-fails"),
        pytest.param("{}/token", id="par-test-token-endpoint-url-as-audience-fails"),
        pytest.param("https://evil.example", id="with-wrong-aud-fails"),
    ],
)
def test_the_audience_of_an_assertion_is_the_issuer_as_one_text(vault: RelyingParty, audience: Any) -> None:
    issuer = vault.provider.issuer
    aud = [each.format(issuer) for each in audience] if isinstance(audience, list) else audience.format(issuer)
    assert pushed_with(vault, assertion("vault", aud, START)).status_code == 401
    assert pushed_with(vault, assertion("vault", issuer, START)).status_code == 201


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        pytest.param({"nbf": START + 8}, 201, id="nbf-8-seconds-in-the-future-is-accepted"),
        pytest.param({"nbf": START + 61}, 401, id="nbf-over-60-seconds-in-the-future-fails"),
        pytest.param({"iat": START - 360, "exp": START - 300}, 401, id="with-exp-is-5-minutes-in-past-fails"),
        pytest.param({"sub": None}, 401, id="with-no-sub-fails"),
    ],
)
def test_the_times_of_an_assertion(vault: RelyingParty, changes: dict[str, Any], status: int) -> None:
    assert pushed_with(vault, assertion("vault", vault.provider.issuer, START, **changes)).status_code == status


def test_ensure_signed_client_assertion_with_RS256_fails(  # noqa: N802 - the module's name
    provider: Provider, vault: RelyingParty
) -> None:
    with_key(provider, "PS256")
    for alg, status in (("RS256", 401), ("PS256", 201)):
        assert pushed_with(vault, assertion("vault", provider.issuer, START, alg=alg)).status_code == status
    sent = {
        "client_assertion_type": JWT_BEARER,
        "client_assertion": assertion("vault", provider.issuer, START, alg="PS256"),
    }
    weak = request_object(vault.ask(), provider.issuer, START, alg="RS256")
    assert provider.post("/par", sent | {"request": weak}).get_json()["error"] == "invalid_request_object"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"code_challenge": "", "code_challenge_method": ""}, id="par-ensure-pkce-required"),
        pytest.param({"code_challenge_method": "plain"}, id="par-plain-pkce-rejected"),
        pytest.param({"redirect_uri": "", "scope": "profile"}, id="ensure-redirect-uri-in-authorization-request"),
        pytest.param({"request_uri": "urn:x"}, id="par-authorization-request-containing-request_uri-form-param"),
    ],
)
def test_what_a_pushed_request_must_hold(vault: RelyingParty, changes: dict[str, str]) -> None:
    assert vault.push(vault.ask(), **changes).get_json()["error"] == "invalid_request"


def test_other_clients_go_on_as_before(provider: Provider, browser: Browser) -> None:
    assert provider.client("portal").sign_in(browser).access_token
    document = provider.call("GET", "/.well-known/openid-configuration").get_json()
    assert "client_secret_basic" in document["token_endpoint_auth_methods_supported"]


def test_the_whole_server_may_follow_it_and_offers_nothing_weaker(provider: Provider) -> None:
    refused = provider.clients_file.read_text()
    assert not provider.declare(f"profile: fapi2\n{refused}")
    entry = refused[refused.index("  - client_id: vault") :].replace("    profile: fapi2\n", "")
    assert provider.declare(f"profile: fapi2\n{refused[: refused.index('  - client_id: portal')]}{entry}")
    document = provider.call("GET", "/.well-known/openid-configuration").get_json()
    assert document["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
    assert document["require_pushed_authorization_requests"] is True
    assert "RS256" not in document["token_endpoint_auth_signing_alg_values_supported"]
    assert "RS256" not in document["dpop_signing_alg_values_supported"]
    assert "RS256" not in document["request_object_signing_alg_values_supported"]
    vault = provider.client("vault")
    assert provider.browser().open(vault.ask().url).error == "invalid_request"
    assert vault.push(vault.ask()).status_code == 201
    assert replace(vault, method="none").push(vault.ask()).status_code == 401
    assert json.dumps(public(key())) in entry


def test_happy_flow_with_a_certificate_in_place_of_key_and_proof(make_provider: MakeProvider, tmp_path: Path) -> None:
    (tmp_path / "cas.pem").write_bytes(CA.pem)
    provider = make_provider(mtls_header=HEADER, mtls_client_cas=tmp_path / "cas.pem", trusted_proxies=PROXY)
    provider.amend("name: Vault\n", "name: Vault\n    profile: fapi2\n")
    vault = as_vault(BY_NAME, VAULT, provider)
    assert provider.browser().open(vault.ask().url).error == "invalid_request"
    attempt, code = code_of(vault, provider.browser())
    assert replace(vault, headers={}).redeem(attempt, code).status_code == 401
    tokens = vault.tokens(vault.redeem(attempt, code))
    assert tokens.access_claims["cnf"] == {"x5t#S256": VAULT.thumbprint}
    assert jwt.get_unverified_header(tokens.access_token)["alg"] == "ES256"
    assert vault.refreshed(tokens).access_claims["cnf"] == {"x5t#S256": VAULT.thumbprint}


def test_with_certificates_the_metadata_of_fapi2_offer_these_methods_too(
    make_provider: MakeProvider, tmp_path: Path
) -> None:
    provider = make_provider(mtls_header=HEADER, trusted_proxies=PROXY)
    text = provider.clients_file.read_text()
    entry = text[text.index("  - client_id: vault") :]
    assert provider.declare(f"profile: fapi2\n{text[: text.index('  - client_id: portal')]}{entry}")
    document = provider.call("GET", "/.well-known/openid-configuration").get_json()
    methods = ["private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"]
    assert document["token_endpoint_auth_methods_supported"] == methods
