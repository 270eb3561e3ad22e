"""What roles add up to."""

from collections.abc import Iterable

from authserver.protocol.client import Registry

Powers = frozenset[tuple[str, str]]


def has_permission(registry: Registry, api: str, roles: Iterable[str], permission: str) -> bool:
    """Whether one of these roles gives a permission of an API."""
    return has_any_permission(registry, api, roles, (permission,))


def has_any_permission(registry: Registry, api: str, roles: Iterable[str], permissions: Iterable[str]) -> bool:
    """Whether these roles give at least one of the permissions of an API."""
    by_role, wanted = registry.permissions.get(api, {}), frozenset(permissions)
    return any(not wanted.isdisjoint(by_role.get(role, ())) for role in roles)


def has_all_permissions(registry: Registry, api: str, roles: Iterable[str], permissions: Iterable[str]) -> bool:
    """Whether these roles together give every one of the permissions of an API; of none at all they do."""
    by_role = registry.permissions.get(api, {})
    return frozenset(permissions) <= frozenset().union(*(by_role.get(role, frozenset()) for role in roles))


def powers(registry: Registry, roles: Iterable[str]) -> Powers:
    """Everything that these roles allow, of every API, as pairs of API and permission."""
    known = [role for role in roles if role in registry.roles]
    return frozenset(
        (api, permission)
        for api, by_role in registry.permissions.items()
        for role in known
        for permission in by_role[role]
    )
