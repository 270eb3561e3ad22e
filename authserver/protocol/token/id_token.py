"""The claims of an ID token.

OpenID Connect Core §2, §3.1.3.6 (at_hash), §12.2 (auth_time of the first sign-in at each refresh); RFC 8176 (amr).
https://openid.net/specs/openid-connect-core-1_0.html#IDToken
"""

from base64 import urlsafe_b64encode
from hashlib import sha256

TYPE = "JWT"
# Core §2: the level of ISO/IEC 29115 that a sign-in with a password here has. It says that the same person came back,
# not that anybody has looked at an identity card.
OWN_ACR = "1"


def at_hash(access_token: str) -> str:
    """The left half of the SHA-256 of an access token, base64url: for RS256 and ES256 (Core §3.1.3.6)."""
    return urlsafe_b64encode(sha256(access_token.encode("ascii")).digest()[:16]).rstrip(b"=").decode("ascii")


def id_token_claims(
    *,
    issuer: str,
    sub: str,
    client_id: str,
    auth_time: int | None,
    amr: tuple[str, ...],
    acr: str | None = None,
    sid: str,
    access_token: str,
    nonce: str | None,
    now: int,
    lifetime: int,
) -> dict[str, object]:
    """The claims. Times in seconds; `nonce` only in answer to the request that brought it."""
    claims: dict[str, object] = {
        "iss": issuer,
        "sub": sub,
        "aud": client_id,
        "iat": now,
        "exp": now + lifetime,
        "sid": sid,
        "at_hash": at_hash(access_token),
    }
    # A provider upstream may not say when and how it signed somebody in; then neither does this server.
    if auth_time is not None:
        claims["auth_time"] = auth_time
    if amr:
        claims["amr"] = list(amr)
    if acr is not None:
        claims["acr"] = acr
    if nonce is not None:
        claims["nonce"] = nonce
    return claims
