"""Signatures checked with one key and one algorithm; one that was good is not checked again.

RFC 7518 §3: https://www.rfc-editor.org/rfc/rfc7518#section-3
"""

from collections.abc import Callable
from functools import partial
from hashlib import sha256
from hmac import compare_digest

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

# At about 400 bytes each.
MOST_REMEMBERED = 4096
_PADDING, _HASHED = PKCS1v15(), Prehashed(SHA256())

Check = Callable[[bytes, bytes, bytes], bool]
"""Whether a signature (third) of a message (first), whose SHA-256 digest is the second, is good."""


class Signatures:
    """The signatures of one key. It lives as long as the fetched keys do, so nothing outlives its key's publication.

    A bearer token is shown many times. What is remembered is the message's digest and its signature, no token; a
    stranger cannot fill this, since only good signatures are remembered.
    """

    def __init__(self, check: Check) -> None:
        self._check = check
        self._good: dict[bytes, bytes] = {}

    def is_good(self, message: bytes, signature: bytes) -> bool:
        """Whether this is the key's signature of the message."""
        digest = sha256(message).digest()
        known = self._good.get(digest)
        if known is not None and compare_digest(known, signature):
            return True
        if not self._check(message, digest, signature):
            return False
        if len(self._good) >= MOST_REMEMBERED:
            # A new one, so that no thread needs to wait for another.
            self._good = {}
        self._good[digest] = signature
        return True


def signatures(algorithm: str, key: RSAKey | ECKey | OKPKey) -> Signatures | None:
    """The signatures of a key under one algorithm; None where the two do not fit."""
    # The library calls EdDSA by the name of its curve.
    name = "Ed25519" if algorithm == "EdDSA" else algorithm
    model = JWSRegistry(algorithms=[name]).get_alg(name)
    try:
        model.check_key(key)
    except JoseError:
        return None
    if algorithm == "RS256" and isinstance(key, RSAKey):
        return Signatures(partial(_is_rs256, key.public_key))
    return Signatures(lambda message, _digest, signature: model.verify(message, signature, key))


def _is_rs256(key: RSAPublicKey, _message: bytes, digest: bytes, signature: bytes) -> bool:
    # What nearly every token is signed with: the digest is at hand, and the library's detours are left out.
    try:
        key.verify(signature, digest, _PADDING, _HASHED)
    except InvalidSignature:
        return False
    return True
