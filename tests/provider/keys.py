"""The signing keys of the example provider: made once a process, since that takes a moment."""

import json
from functools import cache
from typing import Any

from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64encode

_RS256 = JWSRegistry(algorithms=["RS256"]).get_alg("RS256")


@cache
def key(number: int) -> RSAKey:
    """The key with this number."""
    return RSAKey.generate_key(2048, {"kid": f"key-{number}", "use": "sig", "alg": "RS256"})


def public(number: int) -> dict[str, Any]:
    """Its public part, for the JWKS."""
    return dict(key(number).as_dict(private=False))


def sign(number: int, claims: bytes, typ: str = "JWT", **header: Any) -> str:
    """A JWS by this key, whatever its header says: a library would refuse to write some of them."""
    members = {"alg": "RS256", "kid": f"key-{number}", "typ": typ} | header
    written = json.dumps({name: value for name, value in members.items() if value}).encode()
    message = urlsafe_b64encode(written) + b"." + urlsafe_b64encode(claims)
    return (message + b"." + urlsafe_b64encode(_RS256.sign(message, key(number)))).decode()
