"""The parts of a compact JWS and the claims of an access token, read before and beside its signature.

RFC 7515 §3.1, RFC 9068 §2 and §4: https://www.rfc-editor.org/rfc/rfc9068
"""

import binascii
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from authserver.guard.errors import InvalidTokenError

MAX_TOKEN = 16384
MAX_TIME = 2**53
_MALFORMED = "The token is no JWT in compact form."
_JSON = json.JSONDecoder()
_PADDING = (b"", b"", b"==", b"=")


class Parts(NamedTuple):
    """A token taken apart; `message` is what was signed, `header` its first segment as it came."""

    message: bytes
    header: bytes
    payload: bytes
    signature: bytes


class Token(NamedTuple):
    """A verified access token. `expires_at` is seconds since the epoch; `claims` is everything it says."""

    sub: str
    client_id: str
    scope: frozenset[str]
    roles: frozenset[str]
    permissions: frozenset[str]
    expires_at: int
    claims: Mapping[str, Any]


def split(token: str) -> Parts:
    """Take a compact JWS apart; JWE and JSON serialization are refused. Raises InvalidTokenError."""
    if len(token) > MAX_TOKEN:
        raise InvalidTokenError("The token is too long.")
    try:
        raw = token.encode("ascii")
        # What is base64 and not base64url has no place in a token (RFC 7515 §2).
        if b"+" in raw or b"/" in raw or b"=" in raw:
            raise InvalidTokenError(_MALFORMED)
        header, payload, signature = raw.replace(b"-", b"+").replace(b"_", b"/").split(b".")
        return Parts(raw[: raw.rindex(b".")], header, _decode(payload), _decode(signature))
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
        raise InvalidTokenError("The token is no access token: its typ is not at+jwt.")
    if not isinstance(alg, str) or alg not in algorithms:
        raise InvalidTokenError("The token is signed with an algorithm that is not accepted here.")
    # RFC 7515 §4.1.11: no extension is understood here, so each one named critical is refused.
    if "crit" in header or "b64" in header:
        raise InvalidTokenError("The token uses an extension that is not understood here.")
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
    for time in (expires_at, issued_at, not_before):
        # A bool is no time, and neither are the infinities and NaN, which Python's JSON reads.
        if (type(time) is not int and type(time) is not float) or not 0 <= time <= MAX_TIME:
            raise InvalidTokenError("The token lacks a time that it must carry.")
    if now >= expires_at + leeway:
        raise InvalidTokenError("The token has expired.")
    if now < issued_at - leeway or now < not_before - leeway:
        raise InvalidTokenError("The token is not valid yet; is a clock wrong?")


def build_token(claims: Mapping[str, Any], roles_claim: str, permissions_claim: str) -> Token:
    """The token as the application sees it. Raises InvalidTokenError where a claim is missing or mistyped."""
    get: Callable[..., Any] = claims.get
    sub, client_id, jti, scope = get("sub"), get("client_id"), get("jti"), get("scope", "")
    for text in (sub, client_id, jti, scope):
        if type(text) is not str:
            raise InvalidTokenError("The token lacks a claim that an access token must carry.")
    return Token(
        sub,
        client_id,
        frozenset(scope.split()),
        _words(get(roles_claim)),
        _words(get(permissions_claim)),
        int(claims["exp"]),
        claims,
    )


def _words(value: object) -> frozenset[str]:
    if value is None:
        return frozenset()
    if type(value) is list:
        for word in value:
            if type(word) is not str:
                break
        else:
            return frozenset(value)
    raise InvalidTokenError("The token carries roles or permissions in an unknown form.")


def _decode(segment: bytes) -> bytes:
    if len(segment) % 4 == 1:
        raise ValueError
    return binascii.a2b_base64(segment + _PADDING[len(segment) % 4], strict_mode=True)


def _json_object(text: bytes) -> dict[str, Any]:
    try:
        stripped = text.decode().strip(" \t\r\n")
        value, end = _JSON.raw_decode(stripped)
    except RecursionError:
        raise ValueError from None
    if end != len(stripped) or type(value) is not dict:
        raise ValueError
    return value
