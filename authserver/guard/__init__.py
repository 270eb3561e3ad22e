"""What a resource server installs: check an access token with nothing but the issuer's public keys.

    guard = Guard("https://login.example.com", "https://reports.example.com")
    token = guard.verify(presented)        # or raises a GuardError
    "read:reports" in token.permissions

For Flask see `authserver.guard.flask`. Imports nothing else of the package.
JWT access tokens: RFC 9068 §4, https://www.rfc-editor.org/rfc/rfc9068
"""

from authserver.guard.bearer import bearer_token, challenge
from authserver.guard.errors import (
    GuardError,
    InsufficientScopeError,
    InvalidRequestError,
    InvalidTokenError,
    KeysUnavailableError,
    MissingTokenError,
)
from authserver.guard.fetch import Document, FetchError
from authserver.guard.token import Token
from authserver.guard.verifier import Guard

__all__ = [
    "Document",
    "FetchError",
    "Guard",
    "GuardError",
    "InsufficientScopeError",
    "InvalidRequestError",
    "InvalidTokenError",
    "KeysUnavailableError",
    "MissingTokenError",
    "Token",
    "bearer_token",
    "challenge",
]
