"""Clients with TLS certificates in clients.yaml, and what is said where an entry contradicts itself."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from authserver.cli.clients_file import load_by
from tests.clients.files import faults_of, load_text, with_client
from tests.conftest import make_settings
from tests.flows.certificates import CA, VAULT, made

WEB = "type: web, redirect_uris: [https://a.example/]"
PKI = f"{WEB}, auth_method: tls_client_auth"
SELF_SIGNED = f"{WEB}, auth_method: self_signed_tls_client_auth"
KEY = json.dumps({"keys": [VAULT.jwk]})
BOUND = "tls_client_certificate_bound_access_tokens: true"
DN = "tls_client_auth_subject_dn"


@pytest.mark.parametrize(
    ("field", "subject"),
    [
        (f"{DN}: 'CN=client,O=Example'", ("subject_dn", "CN=client,O=Example")),
        (f"{DN}: 'serialNumber=1,emailAddress=a@b.example'", ("subject_dn", "serialNumber=1,emailAddress=a@b.example")),
        ("tls_client_auth_san_dns: client.example.com", ("san_dns", "client.example.com")),
        ("tls_client_auth_san_uri: 'spiffe://example.com/client'", ("san_uri", "spiffe://example.com/client")),
        ("tls_client_auth_san_ip: '2001:db8::7'", ("san_ip", "2001:db8::7")),
        ("tls_client_auth_san_email: a@b.example", ("san_email", "a@b.example")),
    ],
)
def test_a_client_is_known_by_one_name_of_its_certificate(tmp_path: Path, field: str, subject: tuple[str, str]) -> None:
    client = load_text(tmp_path, with_client(f"{PKI}, {field}")).registry.clients["other"]
    assert (client.certificate_subject, client.secrets, client.certificate_bound_access_tokens) == (subject, (), False)


def test_a_self_signed_certificate_stands_among_its_keys(tmp_path: Path) -> None:
    for keys in (KEY, json.dumps({"keys": [VAULT.jwk | {"x5c": [VAULT.base64]}]})):
        client = load_text(tmp_path, with_client(f"{SELF_SIGNED}, jwks: {keys}, {BOUND}")).registry.clients["other"]
        assert (client.certificate_subject, client.certificate_bound_access_tokens) == (None, True)
    spa = load_text(tmp_path, with_client(f"type: spa, redirect_uris: [https://a.example/], {BOUND}"))
    assert spa.registry.clients["other"].certificate_bound_access_tokens


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        (PKI, f"{DN}: tls_client_auth needs the name in its certificates: write this, or one of"),
        (f"{PKI}, {DN}: CN=a, tls_client_auth_san_ip: 192.0.2.7", f"{DN}: is beside tls_client_auth_san_ip"),
        (
            f"{PKI}, tls_client_auth_san_dns: a.example, tls_client_auth_san_ip: 192.0.2.7",
            f"{DN}: is beside tls_client_auth_san_dns",
        ),
        (f"{SELF_SIGNED}, jwks: {KEY}, {DN}: CN=a", f"{DN} is for a client with token_endpoint_auth_method: tls_clie"),
        (f"{PKI}, {DN}: CN=a, secrets: [{{env: PORTAL_SECRET}}]", "proves who it is by its certificate: remove the"),
        (f"{PKI}, {DN}: /CN=a", f"{DN}: must be a name as RFC 4514 writes it"),
        (f"{PKI}, {DN}: ''", f"{DN}: must be a name as RFC 4514 writes it"),
        (f"{PKI}, {DN}: '2.5.4.97=#0c03414243'", "with values as text"),
        (f"{PKI}, tls_client_auth_san_dns: '*.example'", "tls_client_auth_san_dns: must be one name of a host"),
        (f"{PKI}, tls_client_auth_san_uri: a.example", "tls_client_auth_san_uri: must be an absolute URI"),
        (f"{PKI}, tls_client_auth_san_ip: 192.0.2.0/24", "tls_client_auth_san_ip: must be one IP address"),
        (f"{PKI}, tls_client_auth_san_email: a", "tls_client_auth_san_email: must be one e-mail address"),
        (SELF_SIGNED, "jwks_uri: self_signed_tls_client_auth needs the client's public keys"),
        (
            f"{SELF_SIGNED}, jwks: {json.dumps({'keys': [VAULT.jwk | {'x5c': [made('CN=a').base64]}]})}",
            "jwks: key 0: x5c must begin with a certificate of this key",
        ),
        (f"{SELF_SIGNED}, jwks: {json.dumps({'keys': [VAULT.jwk | {'x5c': []}]})}", "jwks: key 0: x5c must begin"),
        (f"{SELF_SIGNED}, jwks: {json.dumps({'keys': [VAULT.jwk | {'x5c': ['-']}]})}", "jwks: key 0: x5c must begin"),
        (
            "type: spa, redirect_uris: [https://a.example/], auth_method: tls_client_auth",
            "auth_method: a spa client may have: none",
        ),
        (f"{PKI}, {DN}: CN=a, {BOUND}, dpop_bound_access_tokens: true", "is beside dpop_bound_access_tokens: a token"),
    ],
)
def test_what_contradicts_itself_is_a_fault(tmp_path: Path, fields: str, fault: str) -> None:
    (found,) = faults_of(tmp_path, with_client(fields))
    assert fault in found


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        (f"{PKI}, {DN}: CN=a", "token_endpoint_auth_method"),
        (f"{SELF_SIGNED}, jwks: {KEY}", "token_endpoint_auth_method"),
        (f"type: spa, redirect_uris: [https://a.example/], {BOUND}", "tls_client_certificate_bound_access_tokens"),
    ],
)
def test_a_client_that_needs_a_setting_is_a_warning_where_it_is_missing(
    tmp_path: Path, fields: str, place: str
) -> None:
    path = tmp_path / "clients.yaml"
    path.write_text(
        with_client(fields).replace("secrets: [{env: PORTAL_SECRET}]", f'secrets: [{{sha256: "{"0" * 64}"}}]')
    )
    (warned,) = load_by(make_settings(), path).warnings
    assert (warned.where, "AUTHSERVER_MTLS_HEADER is not set" in warned.what) == (f"clients[1].{place}", True)
    # In CI there are no settings, either.
    assert load_by(make_settings(), path, with_secrets=False).warnings == ()
    behind = {"mtls_header": "X-Client-Cert", "trusted_proxies": "127.0.0.1/32"}
    few = load_by(make_settings(**behind), path).warnings
    assert ["AUTHSERVER_MTLS_CLIENT_CAS names no CA" in each.what for each in few] == [True] * (PKI in fields)
    (tmp_path / "cas.pem").write_bytes(CA.pem)
    assert load_by(make_settings(**behind, mtls_client_cas=tmp_path / "cas.pem"), path).warnings == ()


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"mtls_header": "X-Client-Cert"}, "mtls_header is believed only from trusted_proxies"),
        ({"mtls_header": "X_Client_Cert", "trusted_proxies": "10.0.0.0/8"}, "write the name of a header"),
        ({"mtls_url": "https://mtls.example.com"}, "mtls_url needs mtls_header"),
        ({"mtls_url": "https://mtls.example.com/"}, "write it as https://host"),
        ({"mtls_url": "http://mtls.example.com"}, "write it as https://host"),
        ({"mtls_client_cas": __file__}, "is not a file with certificates"),
        ({"mtls_client_cas": "/nowhere.pem"}, "is not a file with certificates"),
    ],
)
def test_settings_that_contradict_themselves_refuse_to_start(values: dict[str, str], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        make_settings(**values)


def test_a_service_with_workloads_may_have_a_certificate_besides(tmp_path: Path) -> None:
    text = with_client(
        f"type: service, auth_method: tls_client_auth, {DN}: CN=a, workloads: [{{issuer: ci, subject: 'repo:a/b'}}]"
    )
    issuers = "workload_issuers: {ci: {issuer: https://ci.example}}\n"
    grants = load_text(tmp_path, issuers + text).registry.clients["other"].grant_types
    assert "client_credentials" in grants
