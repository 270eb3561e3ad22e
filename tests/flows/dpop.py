"""A client's key and the proofs that it makes with it, written by a foreign library."""

import json
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from tests.flows.provider import Clock, Provider

PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
MEMBERS = ("crv", "e", "kty", "n", "x", "y")


def b64(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def public_jwk(key: PrivateKey) -> dict[str, Any]:
    """The public key, with what a JWK needs and nothing else."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        text = ECAlgorithm.to_jwk(key.public_key())
    elif isinstance(key, rsa.RSAPrivateKey):
        text = RSAAlgorithm.to_jwk(key.public_key())
    else:
        text = OKPAlgorithm.to_jwk(key.public_key())
    return {name: value for name, value in json.loads(text).items() if name in MEMBERS}


@dataclass(frozen=True, slots=True)
class ProofKey:
    """One key of a client. `clock` is the one of the server under test."""

    clock: Clock
    private: PrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    alg: str = "ES256"

    @property
    def jwk(self) -> dict[str, Any]:
        return public_jwk(self.private)

    @property
    def jkt(self) -> str:
        """RFC 7638 §3."""
        return b64(sha256(json.dumps(self.jwk, separators=(",", ":"), sort_keys=True).encode()).digest())

    def claims(self, method: str, url: str, access_token: str | None = None, **changes: Any) -> dict[str, Any]:
        claims = {"jti": secrets.token_urlsafe(12), "htm": method, "htu": url, "iat": self.clock.now}
        if access_token is not None:
            claims["ath"] = b64(sha256(access_token.encode()).digest())
        return {name: value for name, value in (claims | changes).items() if value is not None}

    def proof(self, method: str, url: str, access_token: str | None = None, **changes: Any) -> str:
        """A proof; a claim changed to None is left out."""
        return self.signed(self.claims(method, url, access_token, **changes))

    def signed(self, claims: dict[str, Any], **header: Any) -> str:
        """These claims under a header with these changes; a member changed to None is left out."""
        changed = {"typ": "dpop+jwt", "alg": self.alg, "jwk": self.jwk} | header
        head = {name: value for name, value in changed.items() if value is not None}
        return self.jws(json.dumps(head), json.dumps(claims))

    def jws(self, header: str, payload: str) -> str:
        """These two texts under a signature that fits."""
        signed = f"{b64(header.encode())}.{b64(payload.encode())}"
        signature: bytes = jwt.get_algorithm_by_name(self.alg).sign(signed.encode(), self.private)
        return f"{signed}.{b64(signature)}"


@dataclass(frozen=True, slots=True)
class BoundClient:
    """What a client sends with proofs of one key."""

    provider: Provider
    key: ProofKey

    def proof(self, path: str, method: str = "POST", access_token: str | None = None, **changes: Any) -> str:
        return self.key.proof(method, f"{self.provider.issuer}{path}", access_token, **changes)

    def at_token(self, **changes: Any) -> dict[str, str]:
        """The header of a token request."""
        return {"DPoP": self.proof("/token", **changes)}

    def at(self, path: str, access_token: str, method: str = "GET", **changes: Any) -> dict[str, str]:
        """The headers of a request with a bound access token."""
        proof = self.proof(path, method, access_token, **changes)
        return {"Authorization": f"DPoP {access_token}", "DPoP": proof}


def bound_client(provider: Provider, key: ProofKey | None = None) -> BoundClient:
    """With a new P-256 key, unless there is one."""
    return BoundClient(provider, key or ProofKey(provider.clock))
