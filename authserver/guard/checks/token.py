"""The parts of a compact JWS and the claims of an access token, read before and beside its signature.

RFC 7515 §3.1, RFC 9068 §2 and §4: https://www.rfc-editor.org/rfc/rfc9068
"""

import binascii
from collections.abc import Callable, Mapping
from json import JSONDecoder
from json.scanner import make_scanner
from typing import Any, NamedTuple

from authserver.guard.errors import InvalidTokenError

MAX_TOKEN = 16384
MAX_TIME = 2**53
_MALFORMED = "The token is not a JWT in compact form."
_UNKNOWN_FORM = "The token has roles or permissions in an unknown form."
# typeshed takes the decoder for another scanner.
_scan = make_scanner(JSONDecoder())  # type: ignore[arg-type]
_new = tuple.__new__
_NONE: frozenset[str] = frozenset()
_PADDING = (b"", b"!", b"==", b"=")
# What is base64 and not base64url has no place in a token (RFC 7515 §2): it becomes what no decoder takes.
_BASE64 = bytes.maketrans(b"-_+/=", b"+/!!!")

Parts = tuple[bytes, bytes, bytes, bytes]
"""Of a token taken apart: what was signed, the first segment as it came, the decoded payload and signature."""


class Token(NamedTuple):
    """A verified access token. `expires_at` is seconds since the epoch; `claims` is everything it says."""

    sub: str
    client_id: str
    scope: frozenset[str]
    roles: frozenset[str]
    permissions: frozenset[str]
    expires_at: int
    claims: Mapping[str, Any]

    def has_permission(self, permission: str) -> bool:
        """Whether the token carries this permission."""
        return permission in self.permissions

    def has_all_permissions(self, *permissions: str) -> bool:
        """Whether the token carries every one of these permissions."""
        return self.permissions.issuperset(permissions)

    def has_any_permission(self, *permissions: str) -> bool:
        """Whether the token carries at least one of these permissions."""
        return not self.permissions.isdisjoint(permissions)


def split(token: str) -> Parts:
    """Take a compact JWS apart; JWE and JSON serialization are refused. Raises InvalidTokenError."""
    if len(token) > MAX_TOKEN:
        raise InvalidTokenError("The token is too long.")
    try:
        raw = token.encode("ascii")
        header, payload, signature = raw.translate(_BASE64).split(b".")
        return raw[: raw.rindex(b".")], header, _decode(payload), _decode(signature)
    except ValueError:
        raise InvalidTokenError(_MALFORMED) from None


def read_header(segment: bytes, algorithms: frozenset[str]) -> tuple[str, str]:
    """The `kid` and `alg` of a header that may head an access token. Raises InvalidTokenError.

    Keys that the header itself carries or points to (`jwk`, `jku`, `x5c`, `x5u`) are not looked at.
    """
    try:
        header = _json_object(_decode(segment))
    except ValueError:
        raise InvalidTokenError(_MALFORMED) from None
    kid, alg, typ = header.get("kid"), header.get("alg"), header.get("typ")
    # RFC 9068 §4: typ is what keeps ID tokens and logout tokens out.
    if not isinstance(typ, str) or typ.lower().removeprefix("application/") != "at+jwt":
        raise InvalidTokenError("The token is not an access token: its typ is not at+jwt.")
    if not isinstance(alg, str) or alg not in algorithms:
        raise InvalidTokenError("The token is signed with an algorithm that is not accepted here.")
    # RFC 7515 §4.1.11: no extension is understood here, so each one named critical is refused.
    if "crit" in header or "b64" in header:
        raise InvalidTokenError("The token uses an extension that is not supported here.")
    if not isinstance(kid, str):
        raise InvalidTokenError("The token does not name the key it is signed with.")
    return kid, alg


def read_claims(payload: bytes) -> dict[str, Any]:
    """The claims of a token, not yet believed. Raises InvalidTokenError."""
    try:
        return _json_object(payload)
    except ValueError:
        raise InvalidTokenError(_MALFORMED) from None


def check_claims(claims: Mapping[str, Any], issuer: str, audience: str, now: float, leeway: float) -> None:
    """RFC 9068 §4: from this issuer, for this resource server, and now. Raises InvalidTokenError."""
    get: Callable[..., Any] = claims.get
    if get("iss") != issuer:
        raise InvalidTokenError("The token is from another issuer.")
    named = get("aud")
    if named != audience and not (isinstance(named, list) and audience in named):
        raise InvalidTokenError("The token is for another audience.")
    expires_at, issued_at, not_before = get("exp"), get("iat"), get("nbf", 0)
    if not (_is_time(expires_at) and _is_time(issued_at) and _is_time(not_before)):
        raise InvalidTokenError("The token lacks a time that it must have.")
    if now >= expires_at + leeway:
        raise InvalidTokenError("The token has expired.")
    if now < issued_at - leeway or now < not_before - leeway:
        raise InvalidTokenError("The token is not valid yet; is a clock wrong?")


def build_token(claims: Mapping[str, Any], roles_claim: str, permissions_claim: str) -> Token:
    """The token as the application sees it. Raises InvalidTokenError where a claim is missing or mistyped."""
    get: Callable[..., Any] = claims.get
    sub, client_id, scope = get("sub"), get("client_id"), get("scope", "")
    if not (type(sub) is type(client_id) is type(scope) is type(get("jti")) is str):
        raise InvalidTokenError("The token lacks a claim that an access token must have.")
    words, roles, permissions = frozenset(scope.split()), _words(get(roles_claim)), _words(get(permissions_claim))
    # What Token() does after a detour through its keywords.
    return _new(Token, (sub, client_id, words, roles, permissions, int(claims["exp"]), claims))


def _is_time(value: object) -> bool:
    # A bool is no time, and neither are the infinities and NaN, which Python's JSON reads.
    return (type(value) is int or type(value) is float) and 0 <= value <= MAX_TIME


def _words(value: object) -> frozenset[str]:
    if value is None:
        return _NONE
    if type(value) is not list:
        raise InvalidTokenError(_UNKNOWN_FORM)
    try:
        # Joined only because that is the quickest way to find one that is no text.
        "".join(value)
    except TypeError:
        raise InvalidTokenError(_UNKNOWN_FORM) from None
    return frozenset(value)


def _decode(segment: bytes) -> bytes:
    # One character too many becomes "!", which no decoder takes.
    return binascii.a2b_base64(segment + _PADDING[len(segment) & 3], strict_mode=True)


def _json_object(raw: bytes) -> dict[str, Any]:
    try:
        # RFC 8259 §2 lets white space stand around a value.
        value, end = _scan(text := raw.decode().lstrip(" \t\r\n"), 0)
    except (RecursionError, StopIteration):
        raise ValueError from None
    if type(value) is not dict or (end != len(text) and text[end:].strip(" \t\r\n")):
        raise ValueError
    return value
