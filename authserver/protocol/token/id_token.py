"""The claims of an ID token.

OpenID Connect Core §2, §3.1.3.6 (at_hash), §12.2 (auth_time of the first sign-in at each refresh); RFC 8176 (amr).
https://openid.net/specs/openid-connect-core-1_0.html#IDToken;
`at_hash` with EdDSA: https://openid.net/specs/openid-connect-token-hash-algorithms-1_0.html
"""

from base64 import urlsafe_b64encode
from hashlib import sha256, sha512

from authserver.protocol.client.client import SigningAlg

TYPE = "JWT"
# Core §2: the level of ISO/IEC 29115 that a sign-in with a password here has. It says that the same person came back,
# not that anybody has looked at an identity card.
OWN_ACR = "1"


def at_hash(access_token: str, alg: SigningAlg) -> str:
    """The left half of an access token's digest, base64url, by the hash of the ID token's `alg` (Core §3.1.3.6).

    That of Ed25519 is SHA-512, as its working group settled; of the others SHA-256.
    """
    hashed = (sha512 if alg == "EdDSA" else sha256)(access_token.encode("ascii")).digest()
    return urlsafe_b64encode(hashed[: len(hashed) // 2]).rstrip(b"=").decode("ascii")


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
    alg: SigningAlg,
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
        "at_hash": at_hash(access_token, alg),
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
