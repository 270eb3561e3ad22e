"""Where the verified token of a running request is kept, and how it is found again."""

from collections.abc import Mapping
from typing import Any

from authserver.guard.checks.token import Token

KEY = "authserver.token"


def token_of(kept: Mapping[str, Any]) -> Token:
    """The token in a WSGI environ or an ASGI scope. Raises RuntimeError where no guard let the request through."""
    return as_token(kept.get(KEY))


def as_token(value: object) -> Token:
    """The value if it is a token. Raises RuntimeError."""
    if isinstance(value, Token):
        return value
    raise RuntimeError("current_token() works only in a route that a guard protects")
