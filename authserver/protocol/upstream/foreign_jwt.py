"""A JWT that somebody else signed: one decode, which names everything that such a token is held against.

RFC 7515 §4-§5; RFC 7519 §4, §7.2; RFC 8725 §3 (fixed before the token is looked at: algorithms, keys and type).
https://www.rfc-editor.org/rfc/rfc8725
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwa import JWSAlgModel
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64decode

from authserver.protocol.unambiguous import is_whole, unambiguous
from authserver.protocol.upstream.foreign_keys import ASYMMETRIC, candidates

# Seconds that the clocks of two machines may differ: a minute, and the way.
SKEW = 75
MAX_TOKEN, MAX_HEADER = 65_536, 4096
MAX_TIME = 2**53
# RFC 7515 §4.1: where a token brings its own key (`jwk`, `jku`, `x5c`, `x5u`), the key is not read; what changes the
# meaning of the rest is refused.
_REFUSED = frozenset({"crit", "b64", "zip"})
_SPECIFIED = {"EdDSA": "Ed25519"}


class _Registry(JWSRegistry):
    max_header_length = MAX_HEADER

    def get_alg(self, name: str) -> JWSAlgModel:
        # By its newer name, which says the curve: the library warns of the other at each use.
        return super().get_alg(_SPECIFIED.get(name, name))


class ForeignJwtError(Exception):
    """The token is not what it was held against. The text is for the log, and repeats nothing that was received."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token of one kind must be; times in seconds.

    `types` are in lower case, without `application/`; None among them lets `typ` be left out. `max_age` bounds how long
    ago the token may have been issued; None leaves that to its `exp`.
    """

    algorithms: frozenset[str]
    types: frozenset[str | None]
    issuer: str
    audience: str
    now: int
    max_age: int | None = None


def read(token: object, key_sets: Iterable[Mapping[str, Any]], expected: Expected) -> tuple[str, dict[str, Any]]:
    """The algorithm and the claims of a token that is as expected, signed by a key of one of the JWKS.

    The sets are taken one after another, as long as none has the key that the token names: a lazy iterable fetches no
    more than it must. Whatever it raises is passed on. A claim that holds half a character, as a name does that was cut
    too short, says nothing: it is None. Raises ForeignJwtError.
    """
    alg, payload = _signed(token, key_sets, ASYMMETRIC & expected.algorithms, expected.types)
    said = _object(payload, may_hold_halves=True)
    claims = {name: value if is_whole(value) else None for name, value in said.items() if is_whole(name)}
    _check(claims, expected)
    return alg, claims


def signed_claims(
    token: object,
    key_sets: Iterable[Mapping[str, Any]],
    algorithms: Collection[str],
    types: Collection[str | None],
) -> tuple[str, dict[str, Any]]:
    """The algorithm and the claims of a token of these algorithms and types, signed by a key of one of the JWKS.

    What the claims say is for the caller to check. `types` and `key_sets` are as for `read`. Raises ForeignJwtError.
    """
    alg, payload = _signed(token, key_sets, algorithms, types)
    return alg, _object(payload)


def _signed(
    token: object,
    key_sets: Iterable[Mapping[str, Any]],
    algorithms: Collection[str],
    types: Collection[str | None],
) -> tuple[str, bytes]:
    header = _header(_compact(token).partition(".")[0])
    alg, kid = header.get("alg"), header.get("kid")
    if not isinstance(alg, str) or alg not in algorithms:
        raise ForeignJwtError("an algorithm that is not its signer's")
    if not isinstance(kid, str | None):
        raise ForeignJwtError("a kid that is no text")
    if _type(header) not in types:
        raise ForeignJwtError("another type of token")
    return alg, _verified(_compact(token), key_sets, alg, kid)


def unverified_claims(token: object) -> dict[str, Any]:
    """What a token says, which nothing vouches for: good only to find out whose keys to hold it against.

    Raises ForeignJwtError.
    """
    try:
        return _object(urlsafe_b64decode(_compact(token).split(".")[1].encode()))
    except ValueError:
        raise ForeignJwtError("claims that are not base64url") from None


def _compact(token: object) -> str:
    if not isinstance(token, str) or len(token) > MAX_TOKEN or token.count(".") != 2 or not token.isascii():
        raise ForeignJwtError("no compact JWS of bearable size")
    return token


def _verified(token: str, key_sets: Iterable[Mapping[str, Any]], alg: str, kid: str | None) -> bytes:
    registry = _Registry(algorithms=[_SPECIFIED.get(alg, alg)], strict_check_header=False)
    for jwks in key_sets:
        found = candidates(jwks, kid, alg)
        for key in found:
            try:
                return jws.deserialize_compact(token, key, registry=registry).payload
            except (JoseError, ValueError, TypeError):
                continue
        if found and kid is not None:
            break
    raise ForeignJwtError("no key of its signer made this signature")


def _check(claims: Mapping[str, Any], expected: Expected) -> None:
    if claims.get("iss") != expected.issuer:
        raise ForeignJwtError("another issuer")
    audience = claims.get("aud")
    if expected.audience not in (audience if isinstance(audience, list) else [audience]):
        raise ForeignJwtError("another audience")
    now, issued_at = expected.now, time_of(claims, "iat")
    if time_of(claims, "exp") <= now - SKEW:
        raise ForeignJwtError("expired")
    if issued_at > now + SKEW or ("nbf" in claims and time_of(claims, "nbf") > now + SKEW):
        raise ForeignJwtError("from the future")
    if expected.max_age is not None and issued_at < now - expected.max_age:
        raise ForeignJwtError("issued too long ago")


def _header(segment: str) -> dict[str, Any]:
    if len(segment) > MAX_HEADER:
        raise ForeignJwtError("a header that is too long")
    try:
        header = _object(urlsafe_b64decode(segment.encode()))
    except ValueError:
        raise ForeignJwtError("a header that is not base64url") from None
    if _REFUSED & header.keys():
        raise ForeignJwtError("a header that changes the meaning of the rest")
    return header


def _type(header: Mapping[str, Any]) -> str | None:
    """RFC 7515 §4.1.9: media types compare without case; the prefix may be left out."""
    if "typ" not in header:
        return None
    typ = header["typ"]
    return typ.lower().removeprefix("application/") if isinstance(typ, str) else ""


def _object(raw: bytes, *, may_hold_halves: bool = False) -> dict[str, Any]:
    try:
        value = unambiguous(raw, may_hold_halves=may_hold_halves)
    except (ValueError, RecursionError):
        raise ForeignJwtError("not JSON in UTF-8, or a member that stands twice") from None
    if not isinstance(value, dict):
        raise ForeignJwtError("no JSON object")
    return value


def time_of(claims: Mapping[str, Any], name: str) -> int:
    """A claim that is a time, in whole seconds since the epoch. Raises ForeignJwtError."""
    value = claims.get(name)
    # RFC 7519 §2: fractions are allowed.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < MAX_TIME:
        raise ForeignJwtError(f"{name} is no time")
    return int(value)
