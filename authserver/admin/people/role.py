"""`/admin/roles/<role_name>`: who has a role, by which way, and what each of them would lose without it."""

from dataclasses import dataclass

from flask import Response, request

from authserver.access.effective import effective_roles
from authserver.access.permissions import powers
from authserver.admin.administrator import Administrator, administers, nobody, shown
from authserver.admin.people.roles import SomeClients, first_of, row_of
from authserver.admin.typed import typed
from authserver.explain.ways import ways_to
from authserver.pages.current import current_server
from authserver.protocol.client.registry import Registry
from authserver.store import directory
from authserver.store.directory import PeopleFilter
from authserver.store.search.walks import WalkPlace
from authserver.store.users import User

SHOWN = 50


@dataclass(frozen=True, slots=True)
class RoleHolder:
    """Somebody who was given the role, the ways in words, and what goes with it: permissions by API, and clients."""

    person: User
    ways: tuple[str, ...]
    permissions: tuple[str, ...]
    clients: SomeClients


@administers("read:users")
def role(administrator: Administrator, role_name: str) -> Response:
    """Show a page of those who were given it; those who have it by a group are at that group."""
    server, name = current_server(), role_name
    registry = server.registry
    if name not in registry.roles:
        return nobody()
    place = WalkPlace(typed(request.args, "after"), typed(request.args, "sub"))
    with server.database.read() as connection:
        count = directory.with_role(connection, name)
        giving = [group for group, given in registry.groups.items() if name in given]
        groups = [(group, directory.in_group(connection, group)) for group in giving]
        found = directory.page(connection, PeopleFilter(role=name), place, SHOWN)
    return shown(
        "role",
        administrator,
        current="roles",
        role=row_of(registry, name, count),
        is_default=name == registry.default_role,
        most=directory.MOST_WITH_NAME,
        holders=[_holder(registry, person, name, server.now()) for person in found.people],
        groups=groups,
        bringing=sorted(other for other, brought in registry.included.items() if name in brought and other != name),
        following=found.next,
    )


def _holder(registry: Registry, person: User, name: str, now: int) -> RoleHolder:
    providers = {each.provider for each in person.mapped if each.role == name and each.expires_at > now}
    ways = [
        because.text
        for provider in (None, *sorted(providers))
        for because in ways_to(registry, person, provider, now).get(name, ())
    ]
    given = person.roles_anywhere(now)
    with_it = effective_roles(registry, given, person.groups)
    without = effective_roles(registry, [each for each in given if each != name], person.groups)
    lost = powers(registry, with_it) - powers(registry, without)
    index, gone = registry.index, set(with_it).difference(without)
    # Most lose no role by which thousands of clients let them in: those that stay are looked up for the others alone.
    closed = index.letting_in(gone)
    closed = closed - index.letting_in(without) if closed else closed
    return RoleHolder(
        person,
        tuple(dict.fromkeys(ways)),
        tuple(f"{permission} ({api})" for api, permission in sorted(lost)),
        first_of(closed),
    )
