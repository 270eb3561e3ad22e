"""`/admin/people`: everybody, by page; found by the beginning of a name or address, by role, by group, by state."""

from flask import Response, request

from authserver.access.effective import effective_roles
from authserver.admin.administrator import Administrator, administers, shown
from authserver.admin.typed import typed
from authserver.pages.current import current_server
from authserver.pages.headers import allow_fetch
from authserver.store import directory
from authserver.store.directory import PeopleFilter
from authserver.store.search.walks import WalkPlace

SHOWN = 50
_STATES = {"disabled": True, "enabled": False}


@administers("read:users")
def people(administrator: Administrator) -> Response:
    """Show a page of people, and the form that finds others."""
    server = current_server()
    registry = server.registry
    asked = {name: typed(request.args, name) for name in ("search", "role", "group", "state")}
    wanted = PeopleFilter(
        role=asked["role"], group=asked["group"], disabled=_STATES.get(asked["state"]), search=asked["search"]
    )
    place = WalkPlace(typed(request.args, "after"), typed(request.args, "sub"))
    with server.database.read() as connection:
        found = directory.page(connection, wanted, place, SHOWN)
    rows = [
        (person, effective_roles(registry, person.roles_anywhere(server.now()), person.groups))
        for person in found.people
    ]
    # What the script asks for while somebody types.
    template = "people_found" if request.args.get("part") == "found" else "people"
    allow_fetch()
    return shown(
        template,
        administrator,
        current="people",
        rows=rows,
        asked=asked,
        following=found.next,
        roles=sorted(registry.roles),
        groups=sorted(registry.groups),
        is_searched=any(asked.values()),
    )
