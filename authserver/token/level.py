"""Whether what was granted reaches the level that a token needs: one rule for every grant on a person's behalf.

RFC 9470 §3, §5. https://www.rfc-editor.org/rfc/rfc9470#section-5
"""

from authserver.protocol.client.registry import Registry
from authserver.protocol.errors import InsufficientAuthenticationError


def hold_to_level(registry: Registry, audience: str, acr: object, of_client: str | None = None) -> None:
    """Refuse a token for this audience where `acr` is not what its API requires, or the client (`of_client`).

    Raises InsufficientAuthenticationError.
    """
    api, reached = registry.audiences.get(audience), registry.levels.reached_by(acr)
    needed = [level for level in (api.require_acr if api else None, of_client) if level is not None]
    missing = [level for level in needed if level not in reached]
    if missing:
        # One value has to do for all: the highest of them if it brings the others along.
        raise InsufficientAuthenticationError(registry.levels.highest(missing) or missing[0])
