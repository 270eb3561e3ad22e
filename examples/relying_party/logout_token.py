"""A logout token: which session is over (OpenID Connect Back-Channel Logout 1.0 §2.6)."""

from typing import Any

from joserfc import jws, jwt
from joserfc.jwk import KeySet

EVENT = "http://schemas.openid.net/event/backchannel-logout"
# Seconds by which two clocks may differ.
SKEW = 30


class LogoutTokenError(Exception):
    """It is no logout token for this client; the text says why."""


def kid_of(token: str) -> str | None:
    """The key that it says it is signed with. Raises JoseError."""
    kid: str | None = jws.extract_compact(token.encode()).headers().get("kid")
    return kid


def session_that_ended(token: str, keys: KeySet, *, issuer: str, client_id: str, now: float) -> str:
    """The `sid` of the session, which is in the ID token too. Raises LogoutTokenError, or joserfc's JoseError.

    Whether the token was used before is not asked: what has ended ends no second time.
    """
    decoded = jwt.decode(token, keys, algorithms=["RS256"])
    claims: dict[str, Any] = decoded.claims
    # An ID token must not pass for one: it has another type, and may have a nonce.
    if decoded.header.get("typ") != "logout+jwt" or "nonce" in claims:
        raise LogoutTokenError("another type of token")
    if claims.get("iss") != issuer or claims.get("aud") not in (client_id, [client_id]):
        raise LogoutTokenError("another issuer or audience")
    begins, ends = claims.get("iat"), claims.get("exp")
    if not isinstance(begins, int) or not isinstance(ends, int) or not begins - SKEW <= now < ends + SKEW:
        raise LogoutTokenError("not of this moment")
    if EVENT not in (claims.get("events") or {}) or not isinstance(claims.get("sid"), str):
        raise LogoutTokenError("no session that ended")
    sid: str = claims["sid"]
    return sid
