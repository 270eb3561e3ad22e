"""The server's signing keys and what they sign.

JWS RFC 7515 https://www.rfc-editor.org/rfc/rfc7515, JWK RFC 7517 https://www.rfc-editor.org/rfc/rfc7517,
key rotation: OpenID Connect Core 1.0 §10.1.1 https://openid.net/specs/openid-connect-core-1_0.html#RotateSigKeys
"""

from authserver.keys.keyring import Keys
from authserver.keys.signed_token import ExpiredToken, InvalidToken, UnknownKey
from authserver.keys.snapshot import NoSigningKey

__all__ = ["ExpiredToken", "InvalidToken", "Keys", "NoSigningKey", "UnknownKey"]
