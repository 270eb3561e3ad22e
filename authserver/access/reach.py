"""Everything that roles and groups open: the roles that count, the permissions, and the clients that let one in."""

from collections.abc import Collection
from dataclasses import dataclass

from authserver.access.effective import effective_roles
from authserver.access.permissions import Powers, powers
from authserver.protocol.client.registry import Registry


@dataclass(frozen=True, slots=True)
class Reach:
    """What somebody can do at one version of clients.yaml."""

    roles: frozenset[str]
    permissions: Powers
    clients: frozenset[str]


def reach(registry: Registry, roles: Collection[str], groups: Collection[str] = ()) -> Reach:
    """What somebody who was given these can do."""
    counting = frozenset(effective_roles(registry, roles, groups))
    return Reach(counting, powers(registry, counting), clients_open_to(registry, counting))


def clients_open_to(registry: Registry, roles: frozenset[str]) -> frozenset[str]:
    """The clients that let a person with these roles in; services sign nobody in."""
    return registry.index.letting_in(roles).union(registry.index.open_to_all)
