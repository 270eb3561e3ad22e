"""What contradicts the FAPI 2.0 profile in an entry of clients.yaml, in words."""

import json
from pathlib import Path

import pytest

from tests.clients.files import SOUND, faults_of, load_text, with_client
from tests.flows.assertions import key, public

KEYED = f"auth_method: private_key_jwt, jwks: {json.dumps(public(key()))}"
PKI = "auth_method: tls_client_auth, tls_client_auth_san_dns: a.example"
SELF_SIGNED = f"auth_method: self_signed_tls_client_auth, jwks: {json.dumps(public(key()))}"
BY_TLS = "tls_client_certificate_bound_access_tokens"
WEB = "type: web, redirect_uris: [https://a.example/], profile: fapi2"


def test_one_line_switches_all_of_it_on(tmp_path: Path) -> None:
    client = load_text(tmp_path, with_client(f"{WEB}, {KEYED}")).registry.clients["other"]
    assert (client.is_fapi, client.must_push, client.dpop_bound_access_tokens, client.pkce_required) == (True,) * 4
    assert (client.signing_alg, client.id_token_signed_response_alg) == ("ES256", "ES256")
    service = load_text(tmp_path, with_client(f"type: service, profile: fapi2, {KEYED}"))
    assert service.registry.clients["other"].is_fapi


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ("type: spa, redirect_uris: [https://a.example/], profile: fapi2", "type: fapi2 is for clients that authent"),
        (f"{WEB}, secrets: [{{env: PORTAL_SECRET}}]", "token_endpoint_auth_method: fapi2 needs private_key_jwt"),
        (f"{WEB}, {KEYED}, signing_alg: RS256", "signing_alg: fapi2 does without RS256: write PS256, ES256, or EdDSA"),
        (
            f"{WEB}, {KEYED}, id_token_signed_response_alg: RS256",
            "id_token_signed_response_alg: fapi2 does without",
        ),
        (f"{WEB}, {KEYED}, pkce: optional", "pkce: fapi2 needs PKCE"),
        (f"{WEB}, {KEYED}, require_pushed_authorization_requests: false", "fapi2 switches this on: leave this out"),
        (f"{WEB}, {KEYED}, dpop_bound_access_tokens: false", "dpop_bound_access_tokens: fapi2 switches this on"),
        (f"{WEB}, {PKI}, {BY_TLS}: false", f"{BY_TLS}: fapi2 needs bound tokens: leave this out, or write dpop_bound"),
        (f"{WEB}, {PKI}, {BY_TLS}: true, dpop_bound_access_tokens: true", "is beside dpop_bound_access_tokens"),
        (f"{WEB}, {KEYED}, http_on_private_network: true", "http_on_private_network: fapi2 needs https everywhere"),
        (f"type: web, profile: fapi2, {KEYED}, redirect_uris: ['http://localhost/']", "redirect_uris[0]: fapi2 needs"),
    ],
)
def test_what_contradicts_it_is_a_fault(tmp_path: Path, fields: str, fault: str) -> None:
    (found,) = faults_of(tmp_path, with_client(fields))
    assert fault in found


def test_an_api_whose_tokens_are_signed_with_rs256_is_not_for_its_clients(tmp_path: Path) -> None:
    def of_api(alg: str) -> str:
        return with_client(f"{WEB}, {KEYED}, apis: [reports]").replace(
            "  reports:", f"  reports:\n    signing_alg: {alg}"
        )

    (found,) = faults_of(tmp_path, of_api("RS256"))
    assert "apis: fapi2 does without RS256, and reports wants its access tokens signed with it" in found
    assert load_text(tmp_path, of_api("PS256"))


def test_at_the_top_it_is_for_every_client(tmp_path: Path) -> None:
    (found,) = faults_of(tmp_path, f"profile: fapi2\n{SOUND}")
    assert "clients[0].token_endpoint_auth_method: fapi2 needs private_key_jwt" in found
    assert "profile: must be fapi2" in faults_of(tmp_path, f"profile: fapi1\n{SOUND}")[0]


@pytest.mark.parametrize("method", [PKI, SELF_SIGNED])
def test_a_client_with_a_certificate_binds_its_tokens_to_it(tmp_path: Path, method: str) -> None:
    client = load_text(tmp_path, with_client(f"{WEB}, {method}")).registry.clients["other"]
    assert (client.is_fapi, client.certificate_bound_access_tokens, client.dpop_bound_access_tokens) == (
        *(True, True),
        False,
    )


@pytest.mark.parametrize(
    ("fields", "by_certificate"),
    [
        (f"{PKI}, dpop_bound_access_tokens: true", False),
        (f"{PKI}, dpop_bound_access_tokens: true, {BY_TLS}: false", False),
        (f"{PKI}, dpop_bound_access_tokens: false", True),
        (f"{KEYED}, {BY_TLS}: true", True),
        (f"{KEYED}, {BY_TLS}: true, dpop_bound_access_tokens: false", True),
        (f"{KEYED}, {BY_TLS}: false", False),
    ],
)
def test_authentication_and_binding_may_be_of_two_kinds(tmp_path: Path, fields: str, by_certificate: bool) -> None:
    client = load_text(tmp_path, with_client(f"{WEB}, {fields}")).registry.clients["other"]
    assert client.certificate_bound_access_tokens is by_certificate
    assert client.dpop_bound_access_tokens is not by_certificate
