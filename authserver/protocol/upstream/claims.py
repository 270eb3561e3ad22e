"""A provider's ID token and logout token, each read and checked in one go.

OpenID Connect Core §3.1.3.7, §3.1.3.8; Back-Channel Logout 1.0 §2.6.
https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from typing import Any

from authserver.protocol.upstream import foreign_jwt
from authserver.protocol.upstream.fault import UpstreamError
from authserver.protocol.upstream.foreign_jwt import Expected, ForeignJwtError
from authserver.protocol.upstream.vouched import is_name

MAX_AGE_OF_LOGOUT = 600
BACKCHANNEL_LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
ID_TOKEN_TYPES = frozenset({None, "jwt"})
# Back-Channel Logout §2.4 recommends the first, of which older providers do not know.
LOGOUT_TOKEN_TYPES = frozenset({None, "logout+jwt", "jwt"})

KeySets = Iterable[Mapping[str, Any]]
"""The provider's JWKS, and those to look into where one does not have the key."""


def id_token(
    token: object,
    key_sets: KeySets,
    algorithms: frozenset[str],
    *,
    issuer: str,
    client_id: str,
    nonce: str,
    access_token: str,
    now: int,
) -> dict[str, Any]:
    """The claims of an ID token of the provider for this sign-in; none of them can switch a check off.

    Raises UpstreamError.
    """
    expected = Expected(algorithms, ID_TOKEN_TYPES, issuer, client_id, now)
    alg, claims = _read(token, key_sets, expected)
    received = claims.get("nonce")
    if not isinstance(received, str) or not hmac.compare_digest(received.encode(), nonce.encode()):
        raise _refused("another nonce")
    if "at_hash" in claims and claims["at_hash"] != _half_hash(access_token, alg):
        raise _refused("another access token")
    return claims


def logout_token(
    token: object, key_sets: KeySets, algorithms: frozenset[str], *, issuer: str, client_id: str, now: int
) -> dict[str, Any]:
    """The claims of a logout token of the provider. Raises UpstreamError."""
    expected = Expected(algorithms, LOGOUT_TOKEN_TYPES, issuer, client_id, now, MAX_AGE_OF_LOGOUT)
    _, claims = _read(token, key_sets, expected)
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(BACKCHANNEL_LOGOUT), dict):
        raise _refused("not about a logout")
    # §2.4: so that an ID token is never taken for one.
    if "nonce" in claims:
        raise _refused("a nonce in a logout token")
    if not isinstance(claims.get("jti"), str) or not claims["jti"]:
        raise _refused("no jti")
    named = [claims[name] for name in ("sub", "sid") if name in claims]
    # Of another form it is nobody that ever came, and nothing to look for in a database.
    if not named or not all(map(is_name, named)):
        raise _refused("neither sub nor sid")
    return claims


def _read(token: object, key_sets: KeySets, expected: Expected) -> tuple[str, dict[str, Any]]:
    try:
        alg, claims = foreign_jwt.read(token, key_sets, expected)
    except ForeignJwtError as error:
        raise _refused(str(error)) from None
    # §3.1.3.7, 3-5: who shares the token with others must at least be the one it was issued to.
    is_shared = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (is_shared or "azp" in claims) and claims.get("azp") != expected.audience:
        raise _refused("another authorized party")
    return alg, claims


def _half_hash(access_token: str, alg: str) -> str:
    hashed = hashlib.new(f"sha{alg[2:]}", access_token.encode("ascii", "replace")).digest()
    return urlsafe_b64encode(hashed[: len(hashed) // 2]).rstrip(b"=").decode()


def _refused(reason: str) -> UpstreamError:
    return UpstreamError("failed", f"token refused: {reason}")
