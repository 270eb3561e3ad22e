"""Tokens that are bound to the TLS certificate of their client (RFC 8705 §3, §4)."""

from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from tests.flows.browser import Browser
from tests.flows.certificates import BY_NAME, CA, HEADER, PROXY, STRANGER, VAULT, Made, as_vault, made
from tests.flows.conftest import MakeProvider
from tests.flows.device import DEVICE_CODE, waiting
from tests.flows.dpop import bound_client
from tests.flows.provider import Provider
from tests.flows.registry import REPORTS
from tests.flows.relying_party import RelyingParty, Tokens
from tests.flows.test_token_exchange import RULES, exchange

OFFLINE = "openid offline_access"
BOUND = "tls_client_certificate_bound_access_tokens: true"
# Nobody vouches for it: what binds is the key alone.
OWN, FOREIGN = made("CN=anything"), made("CN=anything")


@pytest.fixture
def provider(make_provider: MakeProvider, tmp_path: Path) -> Provider:
    (tmp_path / "cas.pem").write_bytes(CA.pem)
    return make_provider(mtls_header=HEADER, mtls_client_cas=tmp_path / "cas.pem", trusted_proxies=PROXY)


def bound(provider: Provider, client_id: str, certificate: Made = OWN) -> RelyingParty:
    """A client whose tokens are bound, over TLS with this certificate."""
    provider.amend(f"client_id: {client_id}\n", f"client_id: {client_id}\n    {BOUND}\n")
    return replace(provider.client(client_id), headers=certificate.escaped)


def over(client: RelyingParty, certificate: Made | None) -> RelyingParty:
    return replace(client, headers=certificate.escaped if certificate else {})


def userinfo(provider: Provider, token: str, certificate: Made | None, **request: str) -> TestResponse:
    headers = {"Authorization": f"Bearer {token}"} | (certificate.escaped if certificate else {})
    return provider.call("GET", "/userinfo", headers=headers, **request)


def error(response: TestResponse) -> tuple[int, str]:
    return response.status_code, response.get_json()["error"]


def cnf(certificate: Made = OWN) -> dict[str, str]:
    return {"x5t#S256": certificate.thumbprint}


def test_happy_flow_a_certificate_binds_the_access_token(provider: Provider, browser: Browser) -> None:
    portal = bound(provider, "portal")
    tokens = portal.sign_in(browser, scope=OFFLINE)
    assert tokens.access_claims["cnf"] == cnf()
    assert "cnf" not in tokens.id_claims
    assert portal.refreshed(tokens).access_claims["cnf"] == cnf()
    assert userinfo(provider, tokens.access_token, OWN).status_code == 200


def test_ensure_holder_of_key_required(provider: Provider, browser: Browser) -> None:
    """Neither a code nor a refresh token is spent by trying without a certificate."""
    portal = bound(provider, "portal")
    attempt = portal.ask(scope=OFFLINE)
    code = portal.authorize(browser, attempt).code
    refused = over(portal, None).redeem(attempt, code)
    assert error(refused) == (400, "invalid_request")
    assert "connect with it" in refused.get_json()["error_description"]
    tokens = portal.tokens(portal.redeem(attempt, code))
    assert error(over(portal, None).refresh(tokens.refresh_token)) == (400, "invalid_request")
    data = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token}
    assert error(portal.post("/token", data, address=STRANGER)) == (400, "invalid_request")
    portal.refreshed(tokens)


def test_a_header_that_cannot_be_read_is_refused(provider: Provider) -> None:
    portal = replace(bound(provider, "nightly"), headers={HEADER: "rubbish"})
    answer = portal.post("/token", {"grant_type": "client_credentials"})
    assert error(answer) == (400, "invalid_request")
    assert "cannot be read" in answer.get_json()["error_description"]


@pytest.mark.parametrize("certificate", [None, FOREIGN, VAULT])
def test_ensure_authorization_request_with_mtls_bound_token_fails_at_the_resource_without_its_certificate(
    provider: Provider, browser: Browser, certificate: Made | None
) -> None:
    token = bound(provider, "portal").sign_in(browser).access_token
    answer = userinfo(provider, token, certificate)
    assert error(answer) == (401, "invalid_token")
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="authserver", error="invalid_token"')
    # From anybody but the proxy, the right certificate is none.
    assert error(userinfo(provider, token, OWN, address=STRANGER)) == (401, "invalid_token")
    sent_as_dpop = {"Authorization": f"DPoP {token}"} | OWN.escaped
    assert error(provider.call("GET", "/userinfo", headers=sent_as_dpop)) == (401, "invalid_token")


def test_the_management_api_wants_the_certificate_too(provider: Provider, browser: Browser) -> None:
    text = provider.clients_file.read_text()
    assert provider.declare(text.replace("apis: [reports, users]\n", "apis: [reports, authserver]\n", 1))
    portal = bound(provider, "portal")
    api = f"{provider.issuer}/api/v1"
    token = portal.sign_in(browser, "root", scope="openid", resource=api).access_token
    headers = {"Authorization": f"Bearer {token}"}
    assert provider.call("GET", "/api/v1/users", headers=headers).status_code == 401
    assert provider.call("GET", "/api/v1/users", headers=headers | OWN.escaped).status_code == 200


def test_introspection_tells_an_api_what_to_hold_the_certificate_against(provider: Provider, browser: Browser) -> None:
    answer = provider.introspect(bound(provider, "portal").sign_in(browser).access_token)
    assert (answer["active"], answer["token_type"], answer["cnf"]) == (True, "Bearer", cnf())


def test_a_service_binds_its_token_too(provider: Provider) -> None:
    nightly = bound(provider, "nightly")
    tokens = nightly.tokens(nightly.post("/token", {"grant_type": "client_credentials"}))
    assert tokens.access_claims["cnf"] == cnf()


def test_a_certificate_authenticates_and_binds_at_once(provider: Provider, browser: Browser) -> None:
    vault = as_vault(f"{BY_NAME}\n    {BOUND}", VAULT, provider)
    tokens = vault.sign_in(browser, scope=OFFLINE)
    assert tokens.access_claims["cnf"] == cnf(VAULT)
    # A confidential client's refresh tokens are bound to its authentication: a renewed certificate goes on.
    renewed = made("CN=vault,O=Example", CA)
    assert over(vault, renewed).refreshed(tokens).access_claims["cnf"] == cnf(renewed)


def test_the_refresh_tokens_of_a_public_client_are_bound_to_its_certificate(
    provider: Provider, browser: Browser
) -> None:
    dashboard = bound(provider, "dashboard")
    tokens = dashboard.sign_in(browser, scope=OFFLINE)
    assert tokens.access_claims["cnf"] == cnf()
    assert error(over(dashboard, FOREIGN).refresh(tokens.refresh_token)) == (400, "invalid_grant")
    again = dashboard.refreshed(tokens)
    assert error(over(dashboard, FOREIGN).refresh(again.refresh_token)) == (400, "invalid_grant")
    # What is registered since loosens nothing: the token stays bound.
    provider.amend(f"    {BOUND}\n", "")
    assert error(dashboard.refresh(again.refresh_token)) == (400, "invalid_grant")
    assert error(dashboard.refresh(again.refresh_token)) == (400, "invalid_grant")


def test_a_public_client_that_is_bound_later_binds_its_refresh_tokens_then(
    provider: Provider, browser: Browser
) -> None:
    plain = provider.client("dashboard").sign_in(browser, scope=OFFLINE)
    dashboard = bound(provider, "dashboard")
    tokens = dashboard.refreshed(plain)
    assert tokens.access_claims["cnf"] == cnf()
    assert error(over(dashboard, FOREIGN).refresh(tokens.refresh_token)) == (400, "invalid_grant")


def test_a_token_is_bound_in_one_way(provider: Provider, browser: Browser) -> None:
    keyed = bound_client(provider)
    portal = bound(provider, "portal")
    proof = {"grant_type": "client_credentials"}, keyed.at_token()
    assert error(bound(provider, "nightly").post("/token", proof[0], **proof[1])) == (400, "invalid_dpop_proof")
    assert browser.open(portal.ask(dpop_jkt=keyed.key.jkt).url).answer["error"] == "invalid_request"
    pushed = portal.post("/par", portal.ask().parameters, DPoP=bound_client(provider).proof("/par"))
    assert error(pushed) == (400, "invalid_dpop_proof")


def test_a_client_that_sends_a_proof_and_a_certificate_is_bound_by_the_proof(provider: Provider) -> None:
    """Where it is not registered to be bound by certificate, that one proves who it is and nothing more."""
    vault, keyed = as_vault(BY_NAME, VAULT, provider), bound_client(provider)
    answer = vault.post("/token", {"grant_type": "client_credentials"}, **keyed.at_token())
    assert answer.get_json()["token_type"] == "DPoP"


def test_a_device_gets_bound_tokens(provider: Provider, browser: Browser) -> None:
    device = waiting(provider)
    text = provider.clients_file.read_text()
    name = device.client.client_id
    assert provider.declare(text.replace(f"client_id: {name}\n", f"client_id: {name}\n    {BOUND}\n"))
    device.allowed(browser)
    data = {"grant_type": DEVICE_CODE, "device_code": device.device_code}
    assert error(device.client.post("/token", data)) == (400, "invalid_request")
    answer = over(device.client, OWN).post("/token", data)
    assert Tokens(provider, name, answer.get_json()).access_claims["cnf"] == cnf()


def test_a_bound_token_may_be_exchanged_by_the_api_that_it_was_sent_to(provider: Provider, browser: Browser) -> None:
    """It checked the certificate itself; what it gets is its own, and bound only if it sends a proof."""
    provider.amend("    audience: https://reports.example.com\n", f"    audience: {REPORTS}\n{RULES}")
    token = bound(provider, "portal").sign_in(browser).access_token
    body = exchange(provider, token).get_json()
    assert "cnf" not in provider.verify(body["access_token"], "at+jwt")


def test_ensure_mtls_endpoint_aliases_are_told_and_proofs_may_name_them(
    make_provider: MakeProvider, tmp_path: Path
) -> None:
    (tmp_path / "cas.pem").write_bytes(CA.pem)
    host = "https://mtls.example.com"
    provider = make_provider(
        mtls_header=HEADER, mtls_client_cas=tmp_path / "cas.pem", mtls_url=host, trusted_proxies=PROXY
    )
    document = provider.call("GET", "/.well-known/openid-configuration").get_json()
    assert document["tls_client_certificate_bound_access_tokens"] is True
    aliases = document["mtls_endpoint_aliases"]
    assert aliases["token_endpoint"] == f"{host}/token"
    assert all(document[name] == url.replace(host, provider.issuer) for name, url in aliases.items())
    vault, keyed = as_vault(BY_NAME, VAULT, provider), bound_client(provider)
    proof = keyed.at_token(htu=aliases["token_endpoint"]) | {"Host": "mtls.example.com"}
    assert vault.post("/token", {"grant_type": "client_credentials"}, **proof).get_json()["token_type"] == "DPoP"
    elsewhere = keyed.at_token(htu="https://other.example.com/token") | {"Host": "mtls.example.com"}
    assert error(vault.post("/token", {"grant_type": "client_credentials"}, **elsewhere)) == (400, "invalid_dpop_proof")


def test_without_the_setting_nothing_of_it_is_offered(make_provider: MakeProvider) -> None:
    document = make_provider().call("GET", "/.well-known/openid-configuration").get_json()
    assert not {"tls_client_certificate_bound_access_tokens", "mtls_endpoint_aliases"} & document.keys()
    assert "tls_client_auth" not in document["token_endpoint_auth_methods_supported"]
