"""Tokens that an attacker could make, or that are real but of another kind."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.flows.provider import Provider
from tests.flows.relying_party import Tokens


def _part(value: Mapping[str, Any] | bytes) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _json(part: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def forgeries(provider: Provider, tokens: Tokens) -> dict[str, str]:
    """By name, what must never pass for the access token of `tokens`."""
    header, claims, signature = tokens.access_token.split(".")
    read, kid = _json(header), _json(header)["kid"]
    own_key = rsa.generate_private_key(65537, 2048)
    own_jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(own_key.public_key()))
    (public,) = (key for key in provider.call("GET", "/jwks.json").get_json()["keys"] if key["kid"] == kid)

    def signed(more: Mapping[str, Any]) -> str:
        return jwt.encode(_json(claims), own_key, algorithm="RS256", headers={"typ": "at+jwt", "kid": kid, **more})

    def hmac_signed(secret: bytes) -> str:
        signing_input = f"{_part(read | {'alg': 'HS256'})}.{claims}"
        return f"{signing_input}.{_part(hmac.new(secret, signing_input.encode(), hashlib.sha256).digest())}"

    richer = _part(_json(claims) | {"sub": provider.people["root"], "permissions": ["delete:reports"]})
    pem = jwt.PyJWK(public).key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return {
        "no signature": f"{header}.{claims}.",
        "alg none": f"{_part(read | {'alg': 'none'})}.{claims}.",
        "alg None": f"{_part(read | {'alg': 'None'})}.{claims}.{signature}",
        "HMAC with the published key": hmac_signed(pem),
        "HMAC with the modulus": hmac_signed(public["n"].encode()),
        "HMAC with nothing": hmac_signed(b""),
        "another key under our kid": signed({}),
        "another key under its own kid": signed({"kid": "x" * 43}),
        "the key in the header": signed({"jwk": own_jwk}),
        "a key address in the header": signed({"jku": "https://evil.example/jwks.json"}),
        "a critical extension": signed({"crit": ["exp"]}),
        "other claims": f"{header}.{richer}.{signature}",
        "an ID token": tokens.id_token,
        "an ID token relabelled": ".".join([header, *tokens.id_token.split(".")[1:]]),
        "a refresh token": tokens.refresh_token,
        "four parts": tokens.access_token + ".x",
        "two parts": f"{header}.{claims}",
        "JSON serialisation": json.dumps({"payload": claims, "signatures": []}).replace(" ", ""),
        "padding": f"{header}=.{claims}.{signature}",
        "enormous": f"{header}.{'A' * 50_000}.{signature}",
        "deeply nested": f"{_part(b'[' * 10_000)}.{claims}.{signature}",
        "not ASCII": f"{header}.é.{signature}".encode().decode("latin-1"),
    }
