"""The claims of a logout token: that a session of a person is over.

OpenID Connect Back-Channel Logout 1.0 §2.4. https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken
"""

TYPE = "logout+jwt"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
# §2.4: preferably short. Each try has a token of its own.
LIFETIME = 120


def logout_token_claims(*, issuer: str, client_id: str, sub: str, sid: str, jti: str, now: int) -> dict[str, object]:
    """The claims, `now` in seconds since the epoch. Never a nonce: it must pass for no ID token."""
    return {
        "iss": issuer,
        "aud": client_id,
        "iat": now,
        "exp": now + LIFETIME,
        "jti": jti,
        "events": {EVENT: {}},
        "sub": sub,
        "sid": sid,
    }
