"""What a resource server pays for a token: `python -m bench.guard`.

In turns, beside each other: a bare RSA-2048 verification by `cryptography` and the parsing of the claims as JSON; the
same of a whole token, which is split, decoded from base64, and its header parsed; a token that the guard sees for the
first time; a token that is shown again. The first two check nothing but the signature, and look for no key.
"""

import argparse
import base64
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from statistics import median

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import RSAKey

from authserver.guard import Document, Guard

ISSUER, AUDIENCE, KID = "https://login.example.com", "https://reports.example.com", "KzRj1Vv2nYqgS0R8oX3p5w"
TOKENS = 500
TARGET = 1.2


def main() -> None:
    """Measure and print microseconds a token, and their ratios to a bare verification and to that of a whole token."""
    parser = argparse.ArgumentParser(prog="python -m bench.guard", description="Measure how fast the guard is.")
    parser.add_argument("--rounds", type=int, default=60, help="how often each is measured; the median counts")
    rounds = parser.parse_args().rounds
    private = generate_private_key(public_exponent=65537, key_size=2048)
    tokens = [_token(private, number) for number in range(TOKENS)]
    bare = _bare(private, tokens)
    found: dict[str, list[float]] = {}
    for _ in range(rounds):
        guard = _warm_guard(private)
        turns: dict[str, Callable[[], object]] = {
            "bare": bare,
            "whole": partial(_whole, private.public_key(), tokens),
            "first time": partial(_verify, guard, tokens),
            "again": partial(_verify, guard, tokens),
        }
        for name, work in turns.items():
            found.setdefault(name, []).append(_microseconds(work))
    for name, values in found.items():
        ratios = (_ratio(values, found[beside]) for beside in ("bare", "whole"))
        sys.stdout.write(f"{name:12}{median(values):8.1f} µs{''.join(f'{ratio:8.2f}' for ratio in ratios)}\n")
    sys.stdout.write(f"\nRatios are to bare and to whole; at most {TARGET} of whole is meant for the first time.\n")


def _ratio(values: list[float], beside: list[float]) -> float:
    return median(each / other for each, other in zip(values, beside, strict=True))


def _microseconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) / TOKENS * 1e6


def _bare(private: RSAPrivateKey, tokens: list[str]) -> Callable[[], object]:
    public = private.public_key()
    parts = []
    for token in tokens:
        message, _, signature = token.rpartition(".")
        parts.append((message.encode(), _decoded(signature), _decoded(message.partition(".")[2])))

    def verify() -> None:
        for message, signature, payload in parts:
            public.verify(signature, message, PKCS1v15(), SHA256())
            json.loads(payload)

    return verify


def _whole(public: RSAPublicKey, tokens: list[str]) -> None:
    for token in tokens:
        message, _, signature = token.rpartition(".")
        header, _, payload = message.partition(".")
        json.loads(_decoded(header))
        json.loads(_decoded(payload))
        public.verify(_decoded(signature), message.encode(), PKCS1v15(), SHA256())


def _verify(guard: Guard, tokens: list[str]) -> None:
    for token in tokens:
        guard.verify(token)


def _warm_guard(private: RSAPrivateKey) -> Guard:
    public = RSAKey.import_key(private).as_dict(private=False) | {"kid": KID, "use": "sig", "alg": "RS256"}
    jwks_uri = f"{ISSUER}/jwks.json"
    guard = Guard(ISSUER, AUDIENCE, jwks_uri=jwks_uri, fetch=lambda _url: Document({"keys": [public]}, 600))
    guard.verify(_token(private, TOKENS))
    return guard


def _token(private: RSAPrivateKey, number: int) -> str:
    now = int(time.time())
    header = {"alg": "RS256", "typ": "at+jwt", "kid": KID}
    claims = {
        "iss": ISSUER,
        "sub": "BwbficYEBxb81AdKxpx2Aw",
        "aud": AUDIENCE,
        "client_id": "portal",
        "iat": now,
        "exp": now + 1800,
        "jti": f"Vx1KJaS3y8prY-acuZb5eg.{number:016}",
        "scope": "openid profile",
        "auth_time": now,
        "roles": ["moderator"],
        "permissions": ["read:reports", "write:reports"],
    }
    message = f"{_encoded(json.dumps(header).encode())}.{_encoded(json.dumps(claims).encode())}"
    return f"{message}.{_encoded(private.sign(message.encode(), PKCS1v15(), SHA256()))}"


def _encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "==")


if __name__ == "__main__":
    main()
