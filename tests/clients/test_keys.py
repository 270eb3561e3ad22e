"""The public keys of a client in clients.yaml, and what is said where they cannot be used."""

import json
from pathlib import Path

import pytest

from tests.clients.files import SOUND, faults_of, load_text, with_client
from tests.flows.assertions import key, public

EC = json.dumps(public(key()))
WEB = "type: web, redirect_uris: [https://a.example/], auth_method: private_key_jwt"
SERVICE = "type: service, auth_method: private_key_jwt"


def test_a_client_with_a_key_needs_no_secret(tmp_path: Path) -> None:
    client = load_text(tmp_path, with_client(f"{WEB}, jwks: {EC}")).registry.clients["other"]
    assert (client.secrets, client.jwks, client.token_endpoint_auth_method) == ((), public(key()), "private_key_jwt")
    by_reference = load_text(tmp_path, with_client(f"{SERVICE}, jwks_uri: https://a.example/jwks"))
    assert by_reference.registry.clients["other"].jwks_uri == "https://a.example/jwks"


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        (WEB, "jwks_uri: private_key_jwt needs the client's public keys: write jwks, or jwks_uri"),
        (f"{WEB}, jwks: {EC}, jwks_uri: https://a.example/", "jwks_uri: is beside jwks: the keys stand in one place"),
        (f"{WEB}, jwks_uri: http://a.example/", "jwks_uri: must begin with https://"),
        (f"{WEB}, jwks_uri: 'https://u@a.example/'", "jwks_uri: must begin with https://"),
        (
            f"{WEB}, jwks: {EC}, secrets: [{{env: PORTAL_SECRET}}]",
            "secrets: a client with private_key_jwt proves who it is by its key: remove the secret",
        ),
        (f"{WEB}, jwks: {{}}", "jwks: must be a JWK Set: {keys: [{kty: …, kid: …}]}"),
        (f"{WEB}, jwks: {{keys: []}}", "jwks: must be a JWK Set"),
        (f"{WEB}, jwks: {{keys: [x]}}", "jwks: must be a JWK Set"),
        (f"{WEB}, jwks: {{keys: [{{kty: oct, k: x}}]}}", "jwks: key 0 is a private or shared one"),
        (f"{WEB}, jwks: {{keys: [{json.dumps(key().as_dict(private=True))}]}}", "jwks: key 0 is a private or shared"),
        (f"{WEB}, jwks: {{keys: [{{kty: RSA, n: AQAB, e: AQAB}}]}}", "jwks: key 0 is not RSA of 2048 bits or more"),
        (f"{WEB}, jwks: {{keys: [{{kty: EC, crv: P-384, x: a, y: b}}]}}", "jwks: key 0 is not RSA"),
        (f"{WEB}, jwks: {{keys: [{{kty: OKP, crv: X25519, x: a}}]}}", "jwks: key 0 is not RSA"),
        (f"{WEB}, jwks: {json.dumps(public(key(), key()))}", "jwks: several keys need a kid each, and no two the same"),
        (
            f"{WEB}, jwks: {EC}, token_endpoint_auth_signing_alg: PS256",
            "token_endpoint_auth_signing_alg: none of the keys in jwks is one for PS256",
        ),
        (
            f"{WEB}, jwks: {EC}, token_endpoint_auth_signing_alg: none",
            "token_endpoint_auth_signing_alg: must be RS256, PS256, ES256 or EdDSA",
        ),
        (
            f"{WEB}, jwks: {EC}, token_endpoint_auth_signing_alg: HS256",
            "token_endpoint_auth_signing_alg: must be RS256, PS256, ES256 or EdDSA",
        ),
        (
            "type: spa, redirect_uris: [https://a.example/], require_signed_request_object: true",
            "require_signed_request_object: needs the client's public keys: write jwks, or jwks_uri",
        ),
        (
            "type: spa, redirect_uris: [https://a.example/], request_object_signing_alg: ES256",
            "request_object_signing_alg: needs the client's public keys: write jwks, or jwks_uri",
        ),
        (
            f"{WEB}, jwks: {EC}, request_object_signing_alg: EdDSA",
            "request_object_signing_alg: none of the keys in jwks is one for EdDSA",
        ),
        (
            "type: spa, redirect_uris: [https://a.example/], token_endpoint_auth_signing_alg: ES256",
            "token_endpoint_auth_signing_alg: is for a client with token_endpoint_auth_method: private_key_jwt",
        ),
        (
            "type: spa, redirect_uris: [https://a.example/], token_endpoint_auth_method: private_key_jwt",
            "token_endpoint_auth_method: a spa client may have: none",
        ),
    ],
)
def test_what_cannot_be_used_is_said_in_words(tmp_path: Path, fields: str, fault: str) -> None:
    assert any(f"clients[1].{fault}" in each for each in faults_of(tmp_path, with_client(fields)))


@pytest.mark.parametrize(
    ("member", "reads"),
    [
        ("kid: 2027", "a number"),
        ("kid: 2027-01-31", "a date"),
        ("kid: true", "true or false"),
        ("kid: ", "nothing"),
        ("kid: 1.5", "a number"),
        ("alg: 256", "a number"),
        ("alg: [ES256]", "a list"),
        ("use: true", "true or false"),
        ("x5t: 10", "a number"),
        ("x5t#S256: 10", "a number"),
        ("x5u: {a: b}", "a mapping"),
    ],
)
@pytest.mark.parametrize(
    ("entry", "where"),
    [
        ("  - client_id: other\n    name: Other\n    type: service\n    auth_method: private_key_jwt\n", "clients[1]"),
        ("workload_issuers:\n  ci:\n    issuer: https://ci.example\n    signing_alg: ES256\n", "workload_issuers.ci"),
    ],
)
def test_a_member_of_a_key_that_is_no_text_is_named_with_its_line(
    tmp_path: Path, member: str, reads: str, entry: str, where: str
) -> None:
    name = member.partition(":")[0]
    sound = [f"          {each}: {value}\n" for each, value in public(key())["keys"][0].items() if each != name]
    text = f"{SOUND}{entry}    jwks:\n      keys:\n        -\n{''.join(sound)}          {member}\n"
    (fault,) = faults_of(tmp_path, text)
    assert fault.startswith(f"clients.yaml:{len(text.splitlines())}:")
    way = name if name.isalnum() else json.dumps(name)
    assert f": {where}.jwks.keys[0].{way}: must be text, but YAML reads {reads} here" in fault


def test_the_modulus_or_exponent_of_a_key_is_text(tmp_path: Path) -> None:
    written = json.dumps(public(key("RSA"))).replace('"AQAB"', "65537")
    (fault,) = faults_of(tmp_path, with_client(f"{WEB}, jwks: {written}"))
    assert "clients[1].jwks.keys[0].e: must be text, but YAML reads a number here: put it in quotes" in fault


def test_a_private_key_is_nowhere_in_what_is_said(tmp_path: Path) -> None:
    private = key().as_dict(private=True)
    (fault,) = faults_of(tmp_path, with_client(f"{WEB}, jwks: {{keys: [{json.dumps(private)}]}}"))
    assert str(private["d"]) not in fault
    assert SOUND
