"""Where certificates are taken, it is said, and clients may register themselves with one (RFC 8705 §2, RFC 7591)."""

from pathlib import Path

import pytest

from tests.flows.browser import Browser
from tests.flows.certificates import CA, HEADER, PROXY, VAULT, made
from tests.flows.conftest import MakeProvider
from tests.flows.provider import Provider
from tests.flows.registering import APP, initial, party, refusal, registered, send
from tests.flows.test_certificates import refused, with_certificate


@pytest.fixture
def provider(make_provider: MakeProvider, tmp_path: Path) -> Provider:
    """A server behind a proxy that passes certificates on, and one authority for them."""
    cas = tmp_path / "cas.pem"
    cas.write_bytes(CA.pem)
    return make_provider(mtls_header=HEADER, mtls_client_cas=cas, trusted_proxies=PROXY)


def test_both_methods_are_offered_where_certificates_are_taken(provider: Provider) -> None:
    document = provider.call("GET", "/.well-known/openid-configuration").get_json()
    for endpoint in ("token", "revocation", "introspection"):
        offered = document[f"{endpoint}_endpoint_auth_methods_supported"]
        assert {"tls_client_auth", "self_signed_tls_client_auth"} <= set(offered)
    # Without a host of their own, the endpoints of the issuer take them.
    assert "mtls_endpoint_aliases" not in document


def test_a_client_registers_itself_with_a_certificate_and_uses_it(provider: Provider, browser: Browser) -> None:
    of = registered(
        provider,
        token_endpoint_auth_method="tls_client_auth",
        tls_client_auth_san_dns="vault.example.com",
        tls_client_certificate_bound_access_tokens=True,
    )
    assert "client_secret" not in of
    assert (of["tls_client_auth_san_dns"], of["tls_client_certificate_bound_access_tokens"]) == (
        "vault.example.com",
        True,
    )
    client = with_certificate(party(provider, of), VAULT)
    assert client.sign_in(browser).access_claims["cnf"] == {"x5t#S256": VAULT.thumbprint}
    assert "not registered for this client" in refused(with_certificate(client, made("CN=mallory", CA)))[0]
    own = made("CN=own")
    by_key = registered(
        provider,
        token_endpoint_auth_method="self_signed_tls_client_auth",
        jwks={"keys": [own.jwk | {"x5c": [own.base64]}]},
    )
    assert with_certificate(party(provider, by_key), own).sign_in(browser).access_token


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"token_endpoint_auth_method": "tls_client_auth"}, "tls_client_auth_subject_dn: tls_client_auth needs"),
        (
            {"tls_client_auth_san_dns": "a.example"},
            "tls_client_auth_subject_dn: tls_client_auth_san_dns is for a client",
        ),
        ({"tls_client_auth_san_ip": "x"}, "tls_client_auth_san_ip: must be one IP address"),
        ({"tls_client_auth_subject_dn": 7}, "tls_client_auth_subject_dn: is not what it must be"),
        ({"tls_client_certificate_bound_access_tokens": "yes"}, "access_tokens: is not what it must be"),
    ],
)
def test_a_registration_is_refused_in_the_words_of_clients_yaml(
    provider: Provider, changes: dict[str, object], why: str
) -> None:
    error, said = refusal(send(provider, APP | changes, initial(provider)))
    assert error == "invalid_client_metadata"
    assert why in said


def test_without_the_setting_nobody_registers_with_a_certificate(make_provider: MakeProvider) -> None:
    provider = make_provider()
    for changes in (
        {"token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_san_dns": "a.example"},
        {"tls_client_certificate_bound_access_tokens": True},
    ):
        error, said = refusal(send(provider, APP | changes, initial(provider)))
        assert (error, said) == ("invalid_client_metadata", "No TLS certificates of clients are accepted here.")
