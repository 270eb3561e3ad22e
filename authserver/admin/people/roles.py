"""`/admin/roles`: what each role and group gives, and how many people have it."""

from collections.abc import Collection
from dataclasses import dataclass
from heapq import nsmallest

from flask import Response

from authserver.access.permissions import powers
from authserver.admin.administrator import Administrator, administers, shown
from authserver.pages.current import current_server
from authserver.protocol.client.registry import EVERY_PERMISSION, Registry
from authserver.store import directory

# Clients that are named where thousands may be meant.
NAMED = 20


@dataclass(frozen=True, slots=True)
class SomeClients:
    """The first of some clients by the alphabet, and how many more they are."""

    named: tuple[str, ...]
    more: int


def first_of(clients: Collection[str]) -> SomeClients:
    """Those of these that are named."""
    return SomeClients(tuple(nsmallest(NAMED, clients)), max(0, len(clients) - NAMED))


@dataclass(frozen=True, slots=True)
class RoleRow:
    """One role: what it brings along, what it gives of each API, whom it lets in, and how many were given it."""

    name: str
    includes: tuple[str, ...]
    gives: tuple[tuple[str, tuple[str, ...]], ...]
    is_everything: bool
    may_give: tuple[str, ...]
    clients: SomeClients
    people: int


@administers("read:users")
def roles(administrator: Administrator) -> Response:
    """Show all roles and groups."""
    server = current_server()
    registry = server.registry
    with server.database.read() as connection:
        used, joined = directory.roles_in_use(connection), directory.groups_in_use(connection)
    return shown(
        "roles",
        administrator,
        current="roles",
        roles=[row_of(registry, name, used.get(name, 0)) for name in registry.roles],
        groups=[(name, given, joined.get(name, 0)) for name, given in registry.groups.items()],
        undeclared=[(name, count) for name, count in used.items() if name not in registry.roles],
        default=registry.default_role,
        most=directory.MOST_WITH_NAME,
    )


def row_of(registry: Registry, name: str, count: int) -> RoleRow:
    """A role, which this many people were given."""
    by_api: dict[str, list[str]] = {}
    for api, permission in sorted(powers(registry, (name,))):
        by_api.setdefault(api, []).append(permission)
    brought = registry.included[name]
    return RoleRow(
        name,
        tuple(sorted(brought - {name})),
        tuple((api, tuple(given)) for api, given in by_api.items()),
        EVERY_PERMISSION in registry.roles[name],
        tuple(sorted(registry.may_give.get(name, ()))),
        first_of(registry.index.letting_in(brought)),
        count,
    )
