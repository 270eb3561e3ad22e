"""JWTs of attackers, each forged in one way (RFC 8725 §2)."""

import hashlib
import hmac
import json
from collections.abc import Mapping

from tests.flows.assertions import b64, key, public, signed


def forged(claims: Mapping[str, object], **header: object) -> Mapping[str, str]:
    """JWTs with these claims that the key of `assertions` did not sign, or whose header says more than it may, by name.

    `header` goes into each, beside `alg` and `kid`.
    """
    own, body = key(), b64(json.dumps(claims).encode())
    head = {"alg": "ES256", "kid": "one"} | header
    stranger = key("EC", "stranger")
    jwk = dict(stranger.as_dict(private=False))
    good = signed(head, claims, own, "ES256")

    return {
        "alg none": b64(b'{"alg":"none"}') + f".{body}.",
        "alg none with the signature": b64(b'{"alg":"none","kid":"one"}') + "." + good.split(".", 1)[1],
        "alg None": b64(b'{"alg":"None"}') + f".{body}.",
        "HS256 by the public JWK": _by_hmac(claims, json.dumps(public(own)["keys"][0]).encode()),
        "another algorithm than its key's": signed(head | {"alg": "RS256"}, claims, own, "ES256"),
        "a stranger's key": signed(head, claims, stranger, "ES256"),
        "a stranger's key within": signed(head | {"jwk": jwk}, claims, stranger, "ES256"),
        "jku": signed(head | {"jku": "https://evil.example/jwks"}, claims, stranger, "ES256"),
        "x5u": signed(head | {"x5u": "https://evil.example/chain"}, claims, stranger, "ES256"),
        "crit": signed(head | {"crit": ["exp"]}, claims, own, "ES256"),
        "empty crit": signed(head | {"crit": []}, claims, own, "ES256"),
        "b64": signed(head | {"b64": False}, claims, own, "ES256"),
        "zip": signed(head | {"zip": "DEF"}, claims, own, "ES256"),
        "another kid": signed(head | {"kid": "two"}, claims, own, "ES256"),
        "a kid of another kind": signed(head | {"kid": ["one"]}, claims, own, "ES256"),
        "wrong typ": signed(head | {"typ": "at+jwt"}, claims, own, "ES256"),
        "logout token": signed(head | {"typ": "logout+jwt"}, claims, own, "ES256"),
        "a head of 100 KiB": signed(head | {"x": "x" * 40_000}, claims, own, "ES256"),
        "a member twice": signed(head, _body_twice(claims), own, "ES256"),
        "alg twice": signed(b'{"alg":"none","alg":"ES256","kid":"one"}', claims, own, "ES256"),
        "deep": signed(head, b"[" * 20_000, own, "ES256"),
        "deep head": signed(b'{"alg":' + b"[" * 3000, claims, own, "ES256"),
        "no object": signed(head, b'"vault"', own, "ES256"),
        "NaN": signed(head, json.dumps({**claims, "exp": float("nan")}).encode(), own, "ES256"),
        "another signature": f"{good.rpartition('.')[0]}.{b64(bytes(64))}",
        "a signature cut short": good[:-2],
        "no signature": f"{good.rpartition('.')[0]}.",
        "JWE": f"{good}.x.y",
        "JSON": json.dumps({"payload": body, "signatures": []}),
        "not ASCII": f"é{good}",
        "nested": signed(head | {"cty": "JWT"}, good.encode(), own, "ES256"),
        "public PEM as secret": _by_hmac(claims, own.as_pem(private=False)),
    }


def _body_twice(claims: Mapping[str, object]) -> bytes:
    return json.dumps(claims).encode()[:-1] + b', "aud": "http://localhost:8080"}'


def _by_hmac(claims: Mapping[str, object], secret: bytes) -> str:
    """HS256 with a public key for its secret, which libraries refuse to make."""
    message = b64(b'{"alg":"HS256","kid":"one"}') + "." + b64(json.dumps(claims).encode())
    return f"{message}.{b64(hmac.new(secret, message.encode(), hashlib.sha256).digest())}"
