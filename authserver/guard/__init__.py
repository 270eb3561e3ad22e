"""What a resource server installs: check an access token with nothing but the issuer's public keys.

    guard = Guard("https://login.example.com", "https://reports.example.com")
    token = guard.verify(presented)        # or raises a GuardError
    token.has_permission("read:reports")

For Flask, FastAPI, Starlette, Django, WSGI and ASGI see the modules of these names. Nothing else of the package is
imported.
JWT access tokens: RFC 9068 §4, https://www.rfc-editor.org/rfc/rfc9068
"""

from authserver.guard.checks.bearer import bearer_token, challenge
from authserver.guard.checks.replays import MemoryReplays, Replays
from authserver.guard.checks.token import Token
from authserver.guard.errors import (
    GuardError,
    InsufficientScopeError,
    InsufficientUserAuthenticationError,
    InvalidProofError,
    InvalidRequestError,
    InvalidTokenError,
    KeysUnavailableError,
    MissingTokenError,
    ReplaysUnavailableError,
    UnavailableError,
)
from authserver.guard.issuer.fetch import Document, FetchError
from authserver.guard.refusal import Refusal, refusal
from authserver.guard.sent import SentRequest
from authserver.guard.verifier import Guard

__all__ = [
    "Document",
    "FetchError",
    "Guard",
    "GuardError",
    "InsufficientScopeError",
    "InsufficientUserAuthenticationError",
    "InvalidProofError",
    "InvalidRequestError",
    "InvalidTokenError",
    "KeysUnavailableError",
    "MemoryReplays",
    "MissingTokenError",
    "Refusal",
    "Replays",
    "ReplaysUnavailableError",
    "SentRequest",
    "Token",
    "UnavailableError",
    "bearer_token",
    "challenge",
    "refusal",
]
