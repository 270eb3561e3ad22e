"""Tokens signed by this server: written, and read back (RFC 7515, RFC 7519, RFC 8725 §3).

https://www.rfc-editor.org/rfc/rfc8725
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64decode, urlsafe_b64encode

from authserver.keys.material import LoadedKey

MAX_TOKEN = 16384
MAX_HEADER = 512
# Seconds that the clocks of two machines may differ.
SKEW = 60

# The library calls EdDSA by the name of its curve.
_NAMES = {"RS256": "RS256", "PS256": "PS256", "ES256": "ES256", "EdDSA": "Ed25519"}
_REGISTRY = JWSRegistry(algorithms=list(_NAMES.values()))
_ALGORITHMS = {alg: _REGISTRY.get_alg(name) for alg, name in _NAMES.items()}
_MEMBERS = {"alg", "kid", "typ"}


class InvalidToken(Exception):  # noqa: N818 - what it is, not what went wrong
    """Not a living token of this server. The text is for the log."""


class ExpiredToken(InvalidToken):
    """One of this server whose time is over, with what it said."""

    def __init__(self, claims: Mapping[str, Any]) -> None:
        super().__init__("expired")
        self.claims = claims


class UnknownKey(InvalidToken):
    """Signed with a key that is none of the published ones: foreign, or of ours and gone since."""


def sign(key: LoadedKey, claims: Mapping[str, object], typ: str) -> str:
    """The claims as a JWS in compact form, with `alg`, `kid` and `typ` in its header."""
    signed = _written_header(key.alg, key.kid, typ) + b"." + urlsafe_b64encode(orjson.dumps(claims))
    return (signed + b"." + urlsafe_b64encode(_ALGORITHMS[key.alg].sign(signed, key.private))).decode("ascii")


@lru_cache(maxsize=64)
def _written_header(alg: str, kid: str, typ: str) -> bytes:
    return urlsafe_b64encode(orjson.dumps({"alg": alg, "kid": kid, "typ": typ}))


def read_header(token: str) -> Mapping[str, str]:
    """The header, which nothing vouches for yet. Raises InvalidToken unless it is one that this server writes."""
    if len(token) > MAX_TOKEN or token.count(".") != 2 or not token.isascii():
        raise InvalidToken("not a compact JWS of bearable size")
    return _header(token[: token.index(".")])


# This server writes a handful of different headers.
@lru_cache(maxsize=64)
def _header(segment: str) -> Mapping[str, str]:
    if len(segment) > MAX_HEADER:
        raise InvalidToken("header too long")
    header = _json_object(segment.encode())
    # RFC 7515 §4.1.11: what is not understood, `crit`, `b64`, `jwk`, `jku`, `x5c` among it, is refused unread.
    if header.keys() != _MEMBERS or not all(isinstance(value, str) for value in header.values()):
        raise InvalidToken("header with unknown, missing or malformed members")
    return header


def check_header(header: Mapping[str, str], key: LoadedKey, typ: str) -> None:
    """The algorithm is the key's, the type the wanted one (RFC 8725 §3.1, §3.11). Raises InvalidToken."""
    if header["alg"] != key.alg:
        raise InvalidToken("algorithm is not the key's")
    # RFC 7515 §4.1.9: media types compare without case; the prefix may be left out.
    if header["typ"].lower().removeprefix("application/") != typ.lower():
        raise InvalidToken("another type of token")


def read_claims(token: str, key: LoadedKey) -> dict[str, Any]:
    """The claims, once the signature is found to be the key's. Raises InvalidToken."""
    signed, _, signature = token.rpartition(".")
    if not _ALGORITHMS[key.alg].verify(signed.encode(), _decode(signature.encode()), key.public):
        raise InvalidToken("signature does not fit")
    return _json_object(signed[signed.index(".") + 1 :].encode())


def check_claims(claims: Mapping[str, Any], issuer: str, now: int, leeway: int, ignore_expiry: bool) -> None:
    """Issuer and times, in seconds since the epoch (RFC 7519 §4.1). Raises InvalidToken."""
    if claims.get("iss") != issuer:
        raise InvalidToken("another issuer")
    expires_at, issued_at = _time(claims, "exp"), _time(claims, "iat")
    if issued_at > now + SKEW or ("nbf" in claims and _time(claims, "nbf") > now + SKEW):
        raise InvalidToken("from the future")
    if not ignore_expiry and expires_at + leeway <= now:
        raise ExpiredToken(claims)


def _time(claims: Mapping[str, Any], name: str) -> int:
    value = claims.get(name)
    if type(value) is not int:
        raise InvalidToken(f"{name} is not a whole number")
    return value


def _decode(segment: bytes) -> bytes:
    try:
        return urlsafe_b64decode(segment)
    except ValueError:
        raise InvalidToken("not base64url") from None


def _json_object(segment: bytes) -> dict[str, Any]:
    try:
        value = orjson.loads(_decode(segment))
    except orjson.JSONDecodeError:
        raise InvalidToken("not JSON") from None
    if not isinstance(value, dict):
        raise InvalidToken("not a JSON object")
    return value
