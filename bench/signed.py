"""What clients and platforms sign for the measured requests, each time anew: nothing of it is taken twice."""

import secrets
import time

from joserfc import jwt
from joserfc.jws import JWSRegistry

from bench.scene import ISSUER, KEY


class _Proofs(JWSRegistry):
    # A key is in the header.
    max_header_length = 2048


_PROOFS = _Proofs(algorithms=["ES256"])


def workload() -> str:
    """The token of a workload of the scene."""
    now = int(time.time())
    claims = {
        "iss": "https://platform.example.com",
        "sub": "repo:acme/shop:ref:refs/tags/v1.2",
        "aud": ISSUER,
        "jti": secrets.token_urlsafe(16),
        "iat": now,
        "exp": now + 300,
        "repository_owner_id": "1234567",
    }
    return jwt.encode({"alg": "ES256", "kid": "one"}, claims, KEY, algorithms=["ES256"])


def proof() -> str:
    """A proof of the scene's key, for a token request."""
    header = {"alg": "ES256", "typ": "dpop+jwt", "jwk": KEY.as_dict(private=False, kid=None)}
    claims = {"htm": "POST", "htu": f"{ISSUER}/token", "jti": secrets.token_urlsafe(16), "iat": int(time.time())}
    return jwt.encode(header, claims, KEY, registry=_PROOFS)


def assertion(client_id: str) -> str:
    """An assertion for the issuer of the scene."""
    now = int(time.time())
    claims = {"iss": client_id, "sub": client_id, "aud": ISSUER, "jti": secrets.token_urlsafe(16), "exp": now + 60}
    return jwt.encode({"alg": "ES256", "kid": "one"}, claims, KEY, algorithms=["ES256"])
