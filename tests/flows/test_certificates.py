"""Clients that authenticate by a TLS certificate, which a proxy passes on (RFC 8705 §2)."""

import json
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from tests.flows.browser import Browser
from tests.flows.certificates import (
    BY_NAME,
    CA,
    HEADER,
    ISSUING,
    OTHER_CA,
    PROXY,
    SERVER_AUTH,
    STRANGER,
    VAULT,
    Made,
    as_vault,
    made,
)
from tests.flows.conftest import MakeProvider
from tests.flows.provider import Provider
from tests.flows.relying_party import RelyingParty

GRANT = {"grant_type": "client_credentials"}
SELF_SIGNED = "token_endpoint_auth_method: self_signed_tls_client_auth\n    jwks: "


@pytest.fixture
def provider(make_provider: MakeProvider, tmp_path: Path) -> Provider:
    """A server behind a proxy that passes certificates on, and one authority for them."""
    cas = tmp_path / "cas.pem"
    cas.write_bytes(CA.pem)
    return make_provider(mtls_header=HEADER, mtls_client_cas=cas, trusted_proxies=PROXY)


@pytest.fixture
def vault(provider: Provider) -> RelyingParty:
    return as_vault(BY_NAME, VAULT, provider)


def with_certificate(client: RelyingParty, certificate: Made) -> RelyingParty:
    return replace(client, headers=certificate.escaped)


def refused(client: RelyingParty, path: str = "/token", **headers: str) -> tuple[str, str]:
    """What the client hears, and what the log says, of a request that is not authenticated."""
    with capture_logs() as lines:
        response = client.post(path, GRANT | {"token": "x"}, **headers)
    assert (response.status_code, response.get_json()["error"]) == (401, "invalid_client"), response.text
    assert "WWW-Authenticate" not in response.headers
    (line,) = [each for each in lines if each["event"] == "client:authentication:failed"]
    return str(response.get_json()["error_description"]), str(line["reason"])


def granted(response: TestResponse) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.get_json()
    return body


def test_happy_flow_by_a_certificate_of_a_ca(browser: Browser, vault: RelyingParty) -> None:
    tokens = vault.sign_in(browser, scope="openid offline_access")
    assert vault.refreshed(tokens).access_claims["client_id"] == "vault"
    # It proves who the client is, and binds nothing unless the client is registered so.
    assert "cnf" not in tokens.access_claims


@pytest.mark.parametrize(
    ("path", "status"),
    [("/token", 200), ("/par", 201), ("/introspect", 200), ("/revoke", 200), ("/device_authorization", 400)],
)
def test_it_authenticates_at_every_endpoint(vault: RelyingParty, path: str, status: int) -> None:
    data = vault.ask().parameters if path == "/par" else GRANT | {"token": "x"}
    response = vault.post(path, data)
    assert response.status_code == status, response.text
    # Known, and not registered for the grant.
    assert response.status_code != 400 or response.get_json()["error"] == "unauthorized_client"
    assert replace(vault, headers={}).post(path, data).get_json()["error"] == "invalid_client"


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("san_dns: VAULT.example.com", x509.DNSName("vault.example.com")),
        ("san_uri: spiffe://example.com/vault", x509.UniformResourceIdentifier("spiffe://example.com/vault")),
        ("san_ip: 192.0.2.7", x509.IPAddress(ip_address("192.0.2.7"))),
        ("san_ip: 2001:db8:0::7", x509.IPAddress(ip_address("2001:db8::7"))),
        ("san_email: vault@Example.com", x509.RFC822Name("vault@example.com")),
    ],
)
def test_a_client_may_be_known_by_any_of_the_names_of_its_certificate(
    provider: Provider, field: str, name: x509.GeneralName
) -> None:
    right = made("CN=whatever", CA, names=[x509.DNSName("another.example.com"), name])
    vault = as_vault(f"token_endpoint_auth_method: tls_client_auth\n    tls_client_auth_{field}", right, provider)
    granted(vault.post("/token", GRANT))
    for wrong in (made("CN=whatever", CA), made("CN=whatever", CA, names=[x509.DNSName("example.com")])):
        said, reason = refused(with_certificate(vault, wrong))
        assert "its subject is not registered for this client" in said
        assert f"registered is {field.partition(' ')[2]!r}" in reason


@pytest.mark.parametrize(
    ("certificate", "said", "reason"),
    [
        pytest.param(made("CN=vault", CA), "its subject is not", "has subject_dn ['CN=vault']", id="part of the name"),
        pytest.param(
            made("CN=Vault,O=Example", CA), "its subject is not", "registered is 'CN=vault", id="another case"
        ),
        pytest.param(made("O=Example,CN=vault", CA), "its subject is not", "registered is", id="another order"),
        pytest.param(made("CN=vault,O=Example", OTHER_CA), "neither by a CA", "O=Elsewhere: no such CA", id="other CA"),
        pytest.param(made("CN=vault,O=Example"), "neither by a CA", "no such CA is listed", id="self-signed"),
        pytest.param(
            made("CN=vault,O=Example", made("CN=Clients,O=Example", ca=True)),
            "neither by a CA",
            "its signature, or a CA on the way, is not sound",
            id="a CA that only calls itself so",
        ),
        pytest.param(made("CN=vault,O=Example", ISSUING), "neither by a CA", "O=Example: no such CA", id="no chain"),
        pytest.param(
            made("CN=vault,O=Example", CA, usage=[SERVER_AUTH]),
            "not for client authentication",
            "extended key usage without clientAuth",
            id="a server's",
        ),
        pytest.param(
            made("CN=vault,O=Example", CA, valid=(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))),
            "has expired, or is not valid yet",
            "valid from 2026-01-01 00:00 to 2026-02-01 00:00 UTC",
            id="expired",
        ),
        pytest.param(
            made("CN=vault,O=Example", CA, valid=(datetime(2039, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC))),
            "has expired, or is not valid yet",
            "valid from 2039",
            id="not yet valid",
        ),
        pytest.param(made("CN=vault,O=Example", CA, ca=True), "neither by a CA", "not sound", id="that of a CA"),
    ],
)
def test_a_certificate_that_does_not_hold_is_refused_in_words(
    vault: RelyingParty, certificate: Made, said: str, reason: str
) -> None:
    heard, logged = refused(with_certificate(vault, certificate))
    assert said in heard
    assert reason in logged


def test_an_intermediate_ca_comes_with_the_certificate_or_stands_in_the_file(
    make_provider: MakeProvider, provider: Provider, tmp_path: Path
) -> None:
    leaf = made("CN=vault,O=Example", ISSUING)
    vault = as_vault(BY_NAME, None, provider)
    granted(vault.post("/token", GRANT, **{HEADER: f"{leaf.base64},{ISSUING.base64}"}))
    # What a client sends along leads to a CA or does not, and is never trusted by itself.
    stranger = made("CN=Issuing,O=Example", ca=True)
    forged = made("CN=vault,O=Example", stranger)
    assert "neither by a CA" in refused(vault, **{HEADER: f"{forged.base64},{stranger.base64}"})[0]
    # A client's certificate issues nothing.
    grandchild = made("CN=vault,O=Example", VAULT)
    assert "neither by a CA" in refused(vault, **{HEADER: f"{grandchild.base64},{VAULT.base64}"})[0]
    file = tmp_path / "issuing.pem"
    file.write_bytes(OTHER_CA.pem + ISSUING.pem)
    narrow = make_provider(mtls_header=HEADER, mtls_client_cas=file, trusted_proxies=PROXY)
    granted(with_certificate(narrow.client("vault"), leaf).post("/token", GRANT))


def test_a_self_signed_certificate_is_known_by_itself_or_by_its_key(provider: Provider) -> None:
    own = made("CN=anything")
    vault = as_vault(SELF_SIGNED + json.dumps({"keys": [own.jwk]}), own, provider)
    granted(vault.post("/token", GRANT))
    # Renewed, with the same key.
    granted(with_certificate(vault, made("CN=renewed", key=own.key)).post("/token", GRANT))
    said, reason = refused(with_certificate(vault, made("CN=anything")))
    assert "nor one that the client has registered" in said
    assert "neither the certificate" in reason
    # No CA makes it another client's.
    assert "its subject is not registered" in refused(with_certificate(vault, VAULT))[0]
    old = made("CN=x", key=own.key, valid=(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)))
    assert "has expired" in refused(with_certificate(vault, old))[0]


def test_a_registered_certificate_is_the_only_one(provider: Provider) -> None:
    own = made("CN=anything", key=rsa.generate_private_key(65537, 2048))
    vault = as_vault(SELF_SIGNED + json.dumps({"keys": [own.jwk | {"x5c": [own.base64]}]}), own, provider)
    granted(vault.post("/token", GRANT))
    assert "registered" in refused(with_certificate(vault, made("CN=renewed", key=own.key)))[0]


@pytest.mark.parametrize("address", [STRANGER, "203.0.113.9", "2001:db8::9"])
def test_a_certificate_from_anybody_but_the_proxy_is_none(vault: RelyingParty, address: str) -> None:
    said, reason = refused(vault, address=address)
    assert "Client authentication failed" in said
    assert reason == f"{HEADER} came from {address}, which is not in AUTHSERVER_TRUSTED_PROXIES"


def test_without_the_setting_a_certificate_is_none(make_provider: MakeProvider) -> None:
    provider = make_provider(trusted_proxies=PROXY)
    assert refused(as_vault(BY_NAME, VAULT, provider))[1] == "AUTHSERVER_MTLS_HEADER is not set"


def test_without_authorities_nobody_has_a_certificate_by_one(make_provider: MakeProvider) -> None:
    provider = make_provider(mtls_header=HEADER, trusted_proxies=PROXY)
    said, reason = refused(as_vault(BY_NAME, VAULT, provider))
    assert "neither by a CA that this server trusts" in said
    assert "AUTHSERVER_MTLS_CLIENT_CAS" in reason


def test_on_a_host_of_its_own_certificates_count_there_alone(make_provider: MakeProvider, tmp_path: Path) -> None:
    (tmp_path / "cas.pem").write_bytes(CA.pem)
    provider = make_provider(
        mtls_header=HEADER,
        mtls_client_cas=tmp_path / "cas.pem",
        trusted_proxies=PROXY,
        mtls_url="https://mtls.example.com",
    )
    vault = as_vault(BY_NAME, VAULT, provider)
    assert "another host" in refused(vault)[1]
    assert "another host" in refused(vault, Host="mtls.example.com.evil.example")[1]
    for host in ("mtls.example.com", "MTLS.example.com:443"):
        granted(vault.post("/token", GRANT, Host=host))


def test_a_certificate_is_beside_no_other_method(vault: RelyingParty) -> None:
    data = GRANT | {"client_id": "vault", "client_secret": "x"}
    assert vault.post("/token", data).get_json()["error"] == "invalid_client"
    # The client must say who it is.
    assert vault.post("/token", GRANT | {"client_id": ""}).get_json()["error"] == "invalid_client"
    # A certificate is no way into a client that has another way.
    assert "not registered for this client" in refused(replace(vault, client_id="nightly"))[0]


def test_who_sends_a_certificate_cannot_tell_which_clients_there_are(vault: RelyingParty) -> None:
    for certificate in (VAULT, made("CN=mallory,O=Example", CA), made("CN=vault,O=Example", OTHER_CA)):
        sent = with_certificate(vault, certificate)
        answers = {
            (response.status_code, response.data)
            for client_id in ("nobody", "nightly", *(("vault",) if certificate is not VAULT else ()))
            if (response := replace(sent, client_id=client_id).post("/token", GRANT))
        }
        assert len(answers) == 1


def test_certificates_are_not_counted_as_guesses(vault: RelyingParty) -> None:
    wrong = with_certificate(vault, made("CN=mallory,O=Example", CA))
    assert {wrong.post("/token", GRANT).status_code for _ in range(40)} == {401}


def test_a_name_that_is_not_in_clients_yaml_any_more_is_refused_at_once(
    provider: Provider, vault: RelyingParty
) -> None:
    granted(vault.post("/token", GRANT))
    provider.amend("CN=vault,O=Example", "CN=vault,O=Other")
    assert "not registered for this client" in refused(vault)[0]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    raw=st.one_of(
        st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0"), max_size=80),
        st.text('-BEGINCRTFA :,;=%"0az+/\\', max_size=80),
        st.binary(max_size=60).map(lambda raw: b64encode(raw).decode()),
    )
)
def test_whatever_stands_in_the_header_is_refused_cleanly(vault: RelyingParty, raw: str) -> None:
    response = vault.post("/token", GRANT, **{HEADER: raw})
    assert response.get_json()["error"] == "invalid_client"


@pytest.mark.parametrize("by_key", [False, True])
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore:.*:cryptography.utils.CryptographyDeprecationWarning")
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, len(VAULT.der) - 1), byte=st.integers(1, 255))
def test_a_certificate_with_a_byte_changed_is_refused_cleanly(
    provider: Provider, by_key: bool, at: int, byte: int
) -> None:
    """Known by its key alone, it is parsed to the end, since nobody looks at its signature."""
    if "private_key_jwt" in provider.clients_file.read_text():
        as_vault(SELF_SIGNED + json.dumps({"keys": [VAULT.jwk]}) if by_key else BY_NAME, None, provider)
    spoilt = bytearray(VAULT.der)
    spoilt[at] ^= byte
    response = provider.client("vault").post("/token", GRANT, **{HEADER: b64encode(bytes(spoilt)).decode()})
    assert response.status_code in ({200, 401} if by_key else {401}), response.text
