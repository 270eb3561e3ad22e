"""What roles add up to."""

from collections.abc import Iterable

from authserver.protocol.client.registry import Registry

Powers = frozenset[tuple[str, str]]


def powers(registry: Registry, roles: Iterable[str]) -> Powers:
    """Everything that these roles allow, of every API, as pairs of API and permission."""
    known = [role for role in roles if role in registry.roles]
    return frozenset(
        (api, permission)
        for api, by_role in registry.permissions.items()
        for role in known
        for permission in by_role[role]
    )
