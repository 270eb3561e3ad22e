"""The checks of a provider's ID token and logout token, once their signature holds.

OpenID Connect Core §3.1.3.7, §3.1.3.8; Back-Channel Logout 1.0 §2.6.
https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from authserver.protocol.upstream_fault import UpstreamError

# Seconds that the clocks of two machines may differ: a minute, and the way.
SKEW = 75
MAX_AGE_OF_LOGOUT = 600
BACKCHANNEL_LOGOUT = "http://schemas.openid.net/event/backchannel-logout"


def check_id_token(
    claims: Mapping[str, Any], alg: str, *, issuer: str, client_id: str, nonce: str, access_token: str, now: int
) -> None:
    """Raises UpstreamError; no claim can switch a check off."""
    _check_issuer_and_audience(claims, issuer, client_id)
    if _time(claims, "exp") <= now - SKEW:
        raise _refused("expired")
    if _time(claims, "iat") > now + SKEW or ("nbf" in claims and _time(claims, "nbf") > now + SKEW):
        raise _refused("from the future")
    received = claims.get("nonce")
    if not isinstance(received, str) or not hmac.compare_digest(received.encode(), nonce.encode()):
        raise _refused("another nonce")
    if "at_hash" in claims and claims["at_hash"] != _half_hash(access_token, alg):
        raise _refused("another access token")


def check_logout_token(
    header: Mapping[str, Any], claims: Mapping[str, Any], *, issuer: str, client_id: str, now: int
) -> None:
    """Raises UpstreamError."""
    if str(header.get("typ", "logout+jwt")).lower().removeprefix("application/") not in {"logout+jwt", "jwt"}:
        raise _refused("another type of token")
    _check_issuer_and_audience(claims, issuer, client_id)
    if _time(claims, "exp") <= now - SKEW or not now - MAX_AGE_OF_LOGOUT <= _time(claims, "iat") <= now + SKEW:
        raise _refused("not of now")
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(BACKCHANNEL_LOGOUT), dict):
        raise _refused("not about a logout")
    # §2.4: so that an ID token is never taken for one.
    if "nonce" in claims:
        raise _refused("a nonce in a logout token")
    if not isinstance(claims.get("jti"), str) or not claims["jti"]:
        raise _refused("no jti")
    named = [claims[name] for name in ("sub", "sid") if name in claims]
    if not named or not all(isinstance(each, str) and each for each in named):
        raise _refused("neither sub nor sid")


def _check_issuer_and_audience(claims: Mapping[str, Any], issuer: str, client_id: str) -> None:
    if claims.get("iss") != issuer:
        raise _refused("another issuer")
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if client_id not in audiences:
        raise _refused("another audience")
    # §3.1.3.7, 3-5: who shares the token with others must at least be the one it was issued to.
    if (len(audiences) > 1 or "azp" in claims) and claims.get("azp") != client_id:
        raise _refused("another authorized party")


def _half_hash(access_token: str, alg: str) -> str:
    hashed = hashlib.new(f"sha{alg[2:]}", access_token.encode()).digest()
    return urlsafe_b64encode(hashed[: len(hashed) // 2]).rstrip(b"=").decode()


def _time(claims: Mapping[str, Any], name: str) -> int:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 2**53:
        raise _refused(f"{name} is no time")
    return int(value)


def _refused(reason: str) -> UpstreamError:
    return UpstreamError("failed", f"token refused: {reason}")
