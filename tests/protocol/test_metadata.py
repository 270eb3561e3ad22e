"""The metadata say what the server does, in the words of the registries, and promise nothing else."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from authserver.protocol.metadata import metadata

ISSUER = "https://login.example.com"


def document(issuer: str = ISSUER, **settings: Any) -> dict[str, object]:
    grants = ["refresh_token", "authorization_code", "client_credentials"]
    return metadata(issuer, grants, ["ES256"], ["en", "de"], **settings)


# RFC 8414 §2 and OpenID Connect Discovery §3 require these.
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("issuer", ISSUER),
        ("response_types_supported", ["code"]),
        ("subject_types_supported", ["public", "pairwise"]),
        ("grant_types_supported", ["authorization_code", "client_credentials", "refresh_token"]),
        # RS256 must be among them (Discovery §3), whatever else there is.
        ("id_token_signing_alg_values_supported", ["ES256", "RS256"]),
        ("code_challenge_methods_supported", ["S256"]),
        ("response_modes_supported", ["query", "form_post"]),
        ("ui_locales_supported", ["en", "de"]),
        ("authorization_response_iss_parameter_supported", True),
        # Left out, it would mean true (Discovery §3).
        ("request_uri_parameter_supported", False),
    ],
)
def test_what_it_says(name: str, value: object) -> None:
    assert document()[name] == value


@pytest.mark.parametrize("issuer", [ISSUER, f"{ISSUER}/sso", "http://localhost:8080"])
def test_every_endpoint_is_below_the_issuer(issuer: str) -> None:
    found = {name: url for name, url in document(issuer).items() if name.endswith("_endpoint") or name == "jwks_uri"}
    assert len(found) == 9
    for url in found.values():
        assert str(url).startswith(f"{issuer}/")
        assert not urlsplit(str(url)).query


@pytest.mark.parametrize("endpoint", ["token", "revocation", "introspection"])
def test_only_introspection_is_closed_to_clients_without_a_secret(endpoint: str) -> None:
    methods = document()[f"{endpoint}_endpoint_auth_methods_supported"]
    assert isinstance(methods, list)
    assert ("none" in methods) is (endpoint != "introspection")
    assert {"client_secret_basic", "client_secret_post", "private_key_jwt"} <= set(methods)


def test_signing_up_is_offered_where_people_may() -> None:
    closed, opened = (document(may_sign_up=may)["prompt_values_supported"] for may in (False, True))
    assert closed == ["none", "login", "consent", "select_account"]
    assert opened == ["none", "login", "consent", "select_account", "create"]


def test_nothing_is_said_twice() -> None:
    for name, value in document().items():
        assert not isinstance(value, list) or len(set(value)) == len(value), name


@pytest.mark.parametrize("issuer", ["https://login.example.com", "https://example.com/login"])
def test_aliases_for_certificates_have_the_path_of_the_issuer(issuer: str) -> None:
    said = document(issuer, takes_certificates=True, mtls_url="https://mtls.example.com" + urlsplit(issuer).path)
    aliases = said["mtls_endpoint_aliases"]
    assert isinstance(aliases, dict)
    for name, url in aliases.items():
        assert (urlsplit(url).netloc, urlsplit(url).path) == ("mtls.example.com", urlsplit(str(said[name])).path)
    assert "mtls_endpoint_aliases" not in document(issuer, takes_certificates=True)
