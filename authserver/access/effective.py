"""The roles that count: a person's own, those of their groups, what these bring along, or the default role."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from authserver.protocol.client.registry import Registry

_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Undeclared:
    """Names that are kept with a person although no file declares them: they give nothing."""

    roles: tuple[str, ...]
    groups: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.roles or self.groups)


def effective_roles(registry: Registry, roles: Collection[str], groups: Collection[str] = ()) -> tuple[str, ...]:
    """The roles of a person at this moment, sorted.

    Who was given none gets the default role. A name that is declared no longer gives nothing, not even that: taking a
    role out of the file never gives anybody more.
    """
    return all_roles(registry, _given(registry, roles, groups))


def roles_at(
    registry: Registry, roles: Collection[str], groups: Collection[str], reached: Collection[str]
) -> tuple[str, ...]:
    """As `effective_roles`, in a session that reached these levels: a role counts with what it requires, or not at all.

    A role that brings another along requires what that one does.
    """
    if not registry.role_acr:
        return effective_roles(registry, roles, groups)
    given = _given(registry, roles, groups)
    return all_roles(registry, (each for each in given if registry.role_acr.get(each, _NONE).issubset(reached)))


def _given(registry: Registry, roles: Collection[str], groups: Collection[str]) -> set[str]:
    given = set(roles)
    for group in groups:
        given.update(registry.groups.get(group, ()))
    if not given and registry.default_role is not None and registry.groups.keys() >= set(groups):
        given.add(registry.default_role)
    return given


def all_roles(registry: Registry, roles: Iterable[str]) -> tuple[str, ...]:
    """Declared roles with all that they bring along, sorted: what a service client has."""
    included = registry.included
    return tuple(sorted(_NONE.union(*(included.get(role, _NONE) for role in roles))))


def declared_groups(registry: Registry, groups: Iterable[str]) -> tuple[str, ...]:
    """The groups among these that are declared, sorted."""
    return tuple(sorted(group for group in groups if group in registry.groups))


def undeclared(registry: Registry, roles: Iterable[str], groups: Iterable[str] = ()) -> Undeclared:
    """What among these no file declares."""
    return Undeclared(
        tuple(sorted(set(roles) - registry.roles.keys())), tuple(sorted(set(groups) - registry.groups.keys()))
    )
