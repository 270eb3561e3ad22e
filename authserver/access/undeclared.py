"""Names of roles and groups that people have although no file declares them: kept, reported, and worth nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from authserver.protocol.client.registry import Registry


@dataclass(frozen=True, slots=True)
class UndeclaredName:
    """A role or group, and how many people have it."""

    kind: Literal["role", "group"]
    name: str
    people: int


def undeclared_names(
    registry: Registry, roles: Mapping[str, int], groups: Mapping[str, int]
) -> tuple[UndeclaredName, ...]:
    """What of these, given with the number of people who have each, no file declares."""
    kept = [UndeclaredName("role", name, roles[name]) for name in sorted(roles.keys() - registry.roles.keys())]
    kept += [UndeclaredName("group", name, groups[name]) for name in sorted(groups.keys() - registry.groups.keys())]
    return tuple(kept)
