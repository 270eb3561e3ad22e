"""Which way somebody comes by each role that counts: given, by a provider, by a group, brought along, or by default."""

from collections.abc import Iterator

from authserver.access.effective import effective_roles
from authserver.explain.because import Because
from authserver.protocol.client.registry import Registry
from authserver.store.users import User


def ways_to(registry: Registry, user: User, provider: str | None, now: int) -> dict[str, tuple[Because, ...]]:
    """Every role that counts for a person in a session of this provider, or of none, and how they come by it."""
    given = user.roles_in(provider, now)
    counting = effective_roles(registry, given, user.groups)
    first = {role: list(_given(registry, user, role, provider, now)) for role in counting}
    if not given and not any(registry.groups.get(group) for group in user.groups) and registry.default_role in counting:
        first[str(registry.default_role)].append(
            Because("is the default role, and they have no other", ("default_role",))
        )
    direct = [role for role, ways in first.items() if ways]
    for role in counting:
        for other in direct:
            if other != role and role in registry.included[other]:
                first[role].append(Because(f"comes along with {other}", ("roles", other)))
    return {role: tuple(ways) for role, ways in first.items()}


def _given(registry: Registry, user: User, role: str, provider: str | None, now: int) -> Iterator[Because]:
    if role in user.roles:
        yield Because("was given by an administrator")
    for mapped in user.mapped:
        if mapped.role == role and mapped.provider == provider and mapped.expires_at > now:
            yield Because(f"was given by the provider {provider}", ("providers", str(provider), "roles"))
    for group in user.groups:
        if role in registry.groups.get(group, ()):
            yield Because(f"is given by the group {group}", ("groups", group))
