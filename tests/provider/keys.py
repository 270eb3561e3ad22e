"""The signing keys of the example provider: made once a process, since that takes a moment."""

from functools import cache
from typing import Any

from joserfc import jws
from joserfc.jwk import RSAKey


@cache
def key(number: int) -> RSAKey:
    """The key with this number."""
    return RSAKey.generate_key(2048, {"kid": f"key-{number}", "use": "sig", "alg": "RS256"})


def public(number: int) -> dict[str, Any]:
    """Its public part, for the JWKS."""
    return dict(key(number).as_dict(private=False))


def sign(number: int, claims: bytes, typ: str = "JWT", **header: Any) -> str:
    """A JWS by this key."""
    members = {"alg": "RS256", "kid": f"key-{number}", "typ": typ} | header
    return jws.serialize_compact({name: value for name, value in members.items() if value}, claims, key(number))
