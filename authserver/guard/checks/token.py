"""The parts of a compact JWS and the claims of an access token, read before and beside its signature.

RFC 7515 §3.1, RFC 9068 §2 and §4: https://www.rfc-editor.org/rfc/rfc9068
"""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeGuard

from authserver.guard.errors import InvalidTokenError

MAX_TOKEN = 16384
MAX_TIME = 2**53
_MALFORMED = "The token is not a JWT in compact form."
# RFC 7515 §2 and §3.1: three segments of base64url, without padding. The decoder alone would take more.
_COMPACT = re.compile(rb"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")

Parts = tuple[bytes, bytes, bytes, bytes]
"""Of a token taken apart: what was signed, the first segment as it came, the decoded payload and signature."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # RFC 7515 §4, RFC 7519 §4: of two members with one name, another reader may believe the other.
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError
    return members


_JSON = json.JSONDecoder(object_pairs_hook=_unique)


class Token(NamedTuple):
    """A verified access token. `claims` is everything it says.

    `expires_at`, and `auth_time`, when the person signed in, are seconds since the epoch; `acr` says how they did. A
    token does not always tell.
    """

    sub: str
    client_id: str
    scope: frozenset[str]
    roles: frozenset[str]
    permissions: frozenset[str]
    expires_at: int
    claims: Mapping[str, Any]
    acr: str | None = None
    auth_time: float | None = None

    def has_scope(self, scope: str) -> bool:
        """Whether the token carries this scope. Each permission is one, also where the client did not ask for it."""
        return scope in self.scope or scope in self.permissions

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
        found = _COMPACT.fullmatch(raw)
        if found is None:
            raise InvalidTokenError(_MALFORMED)
        header, payload, signature = found.groups()
        return raw[: found.end(2)], header, _decode(payload), _decode(signature)
    except ValueError:
        raise InvalidTokenError(_MALFORMED) from None


def read_header(segment: bytes, algorithms: frozenset[str]) -> tuple[str, str]:
    """The `kid` and `alg` of a header that may head an access token. Raises InvalidTokenError.

    Keys that the header itself carries or points to (`jwk`, `jku`, `x5c`, `x5u`) are not looked at.
    """
    try:
        header = json_object(_decode(segment))
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
        return json_object(payload)
    except ValueError:
        raise InvalidTokenError(_MALFORMED) from None


def check_claims(claims: Mapping[str, Any], issuer: str, audience: str, now: float, leeway: float) -> None:
    """RFC 9068 §4: from this issuer, for this resource server, and now. Raises InvalidTokenError."""
    if claims.get("iss") != issuer:
        raise InvalidTokenError("The token is from another issuer.")
    named = claims.get("aud")
    if named != audience and not (isinstance(named, list) and audience in named):
        raise InvalidTokenError("The token is for another audience.")
    expires_at, issued_at, not_before = claims.get("exp"), claims.get("iat"), claims.get("nbf", 0)
    if not (_is_time(expires_at) and _is_time(issued_at) and _is_time(not_before)):
        raise InvalidTokenError("The token lacks a time that it must have.")
    if now >= expires_at + leeway:
        raise InvalidTokenError("The token has expired.")
    if now < issued_at - leeway or now < not_before - leeway:
        raise InvalidTokenError("The token is not valid yet; is a clock wrong?")


def build_token(claims: Mapping[str, Any], roles_claim: str, permissions_claim: str) -> Token:
    """The token as the application sees it. Raises InvalidTokenError where a claim is missing or mistyped."""
    sub, client_id, scope = claims.get("sub"), claims.get("client_id"), claims.get("scope", "")
    if not (isinstance(sub, str) and isinstance(client_id, str) and isinstance(scope, str)):
        raise InvalidTokenError("The token lacks a claim that an access token must have.")
    if not isinstance(claims.get("jti"), str):
        raise InvalidTokenError("The token lacks a claim that an access token must have.")
    acr, auth_time = claims.get("acr"), claims.get("auth_time")
    return Token(
        sub=sub,
        client_id=client_id,
        scope=frozenset(scope.split()),
        roles=_words(claims.get(roles_claim)),
        permissions=_words(claims.get(permissions_claim)),
        expires_at=int(claims["exp"]),
        claims=claims,
        acr=acr if isinstance(acr, str) else None,
        auth_time=auth_time if _is_time(auth_time) else None,
    )


def _is_time(value: object) -> TypeGuard[float]:
    # A bool is no time, and neither are the infinities and NaN, which Python's JSON reads.
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MAX_TIME


def _words(value: object) -> frozenset[str]:
    if value is None:
        return frozenset()
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise InvalidTokenError("The token has roles or permissions in an unknown form.")
    return frozenset(value)


def _decode(segment: bytes) -> bytes:
    return urlsafe_b64decode(segment + b"=" * (-len(segment) % 4))


def json_object(raw: bytes) -> dict[str, Any]:
    """The members of a JSON object in UTF-8, each there once. Raises ValueError."""
    try:
        # Decoded here: of bytes, json would take UTF-16 and UTF-32 too (RFC 7515 §5.2, RFC 8259 §8.1).
        value = _JSON.decode(raw.decode())
    except RecursionError:
        raise ValueError from None
    if not isinstance(value, dict):
        raise ValueError  # noqa: TRY004 - its callers refuse every kind of malformed token alike
    return value
