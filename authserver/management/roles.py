"""Roles and groups: which there are, and who has them."""

from collections.abc import Container, Mapping

from authserver import people
from authserver.access.permissions import powers
from authserver.management.call.beyond import refuse_to_give, refuse_to_lose
from authserver.management.call.inputs import GroupsGiven, RolesGiven
from authserver.management.call.operation import Call, Operation, given
from authserver.management.call.outputs import Group, Groups, PersonRecord, Role, Roles
from authserver.management.call.versions import held
from authserver.management.people import check_declared, known, shown
from authserver.server import Reply
from authserver.store import directory


def _list_roles(call: Call) -> Reply:
    registry = call.registry
    with call.server.database.read() as connection:
        used = directory.roles_in_use(connection)
    items = [
        Role(
            name=name,
            includes=sorted(registry.included[name] - {name}),
            permissions=_by_api(call, name),
            may_give=sorted(registry.may_give.get(name, ())),
            is_default=name == registry.default_role,
            people=used.get(name, 0),
        )
        for name in registry.roles
    ]
    return given(Roles(items=items, undeclared=_not_in(registry.roles, used)))


def _by_api(call: Call, role: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for api, permission in sorted(powers(call.registry, (role,))):
        found.setdefault(api, []).append(permission)
    return found


def _list_groups(call: Call) -> Reply:
    declared = call.registry.groups
    with call.server.database.read() as connection:
        used = directory.groups_in_use(connection)
    items = [Group(name=name, roles=list(roles), people=used.get(name, 0)) for name, roles in declared.items()]
    return given(Groups(items=items, undeclared=_not_in(declared, used)))


def _not_in(declared: Container[str], used: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in used.items() if name not in declared}


def _set_roles(call: Call) -> Reply:
    wanted: RolesGiven = call.body
    with call.server.database.write() as connection:
        user = held(call, connection)
        check_declared(call.registry.roles, wanted.roles, "#/roles", user.roles)
        refuse_to_give(call, wanted.roles, user.groups)
        act = call.change(connection)
        refuse_to_lose(call, act, user, wanted.roles, user.groups)
        people.set_roles(act, user, wanted.roles, end=wanted.end_access)
        changed = known(call, connection)
    return shown(call, changed)


def _set_groups(call: Call) -> Reply:
    wanted: GroupsGiven = call.body
    with call.server.database.write() as connection:
        user = held(call, connection)
        check_declared(call.registry.groups, wanted.groups, "#/groups", user.groups)
        refuse_to_give(call, user.roles, wanted.groups)
        act = call.change(connection)
        refuse_to_lose(call, act, user, user.roles, wanted.groups)
        people.set_groups(act, user, wanted.groups, end=wanted.end_access)
        changed = known(call, connection)
    return shown(call, changed)


OPERATIONS = (
    Operation("GET", "/roles", "listRoles", "See the roles", "read:users", _list_roles, gives=Roles),
    Operation("GET", "/groups", "listGroups", "See the groups", "read:users", _list_groups, gives=Groups),
    Operation(
        "PUT",
        "/users/{sub}/roles",
        "setRoles",
        "Set a person's roles to exactly these",
        "write:users",
        _set_roles,
        body=RolesGiven,
        gives=PersonRecord,
        precondition=True,
    ),
    Operation(
        "PUT",
        "/users/{sub}/groups",
        "setGroups",
        "Set a person's groups to exactly these",
        "write:users",
        _set_groups,
        body=GroupsGiven,
        gives=PersonRecord,
        precondition=True,
    ),
)
