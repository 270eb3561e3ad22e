"""Tokens of a provider: forgotten at once, unless an administrator asks for them; then sealed."""

import json
from collections.abc import Mapping

from authserver.pages.current import current_server
from authserver.protocol.provider import Provider


def kept_tokens(provider: Provider, tokens: Mapping[str, object]) -> bytes | None:
    """All tokens, sealed, where they are to be kept."""
    if not provider.keep_tokens:
        return None
    return current_server().master.seal(json.dumps(tokens, default=str).encode())


def kept_id_token(provider: Provider, tokens: Mapping[str, object]) -> bytes | None:
    """The ID token, sealed, where signing out will need it as a hint."""
    id_token = tokens.get("id_token")
    if not provider.sign_out or not isinstance(id_token, str):
        return None
    return current_server().master.seal(id_token.encode())


def needed_later(provider: Provider, tokens: Mapping[str, object]) -> dict[str, object] | None:
    """The tokens that a person who must prove something first will need, and no others."""
    if provider.keep_tokens:
        return dict(tokens)
    return {"id_token": tokens["id_token"]} if provider.sign_out and "id_token" in tokens else None
