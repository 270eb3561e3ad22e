"""`/admin/people/new`: somebody is invited by mail, and chooses a password when they come."""

from flask import Response, request

from authserver import people
from authserver.admin.administrator import Administrator, administers, shown
from authserver.admin.typed import typed
from authserver.pages.current import current_server
from authserver.pages.fault import Fault, no_address
from authserver.pages.redirect import see_page
from authserver.protocol.person.email_address import email_fault
from authserver.protocol.person.username import username_fault
from authserver.protocol.words import marked
from authserver.store import users
from authserver.store.addresses import LoginError

TAKEN = Fault(marked("This username or email address is taken."), 409)
NOT_TO_GIVE = Fault(marked("You may not give one of these."), 403)
FIELDS = ("email", "username", "name")


@administers("write:users", fresh="admin_new")
def new_person(administrator: Administrator) -> Response:
    """Ask for an address, a name, and roles, or send the invitation."""
    filled = {name: typed(request.form, name) for name in FIELDS}
    registry = current_server().registry
    wanted = [name for name in registry.roles if name in request.form.getlist("role")]
    if request.method == "GET":
        return _page(administrator, filled, registry.default_roles)
    fault = _fault(administrator, filled, wanted) or _invite(administrator, filled, wanted)
    if fault:
        return _page(administrator, filled, wanted, fault)
    return see_page("admin.people", done="invited")


def _fault(administrator: Administrator, filled: dict[str, str], wanted: list[str]) -> Fault | None:
    if why := email_fault(filled["email"]):
        return no_address(why)
    if filled["username"] and (why := username_fault(filled["username"])):
        return Fault(marked("That isn’t a valid username: %(fault)s."), values={"fault": why})
    return NOT_TO_GIVE if administrator.beyond(wanted) else None


def _invite(administrator: Administrator, filled: dict[str, str], wanted: list[str]) -> Fault | None:
    with current_server().database.write() as connection:
        known = users.by_email(connection, filled["email"])
        if known is not None and administrator.beyond(known.every_role, known.groups):
            # Whose it is, is not theirs to hear: as of an address with a password.
            return TAKEN
        try:
            people.invite(
                administrator.change(connection),
                filled["email"],
                username=filled["username"] or None,
                name=filled["name"] or None,
                roles=wanted,
                by_mail=True,
            )
        except LoginError:
            return TAKEN
    return None


def _page(
    administrator: Administrator,
    filled: dict[str, str],
    wanted: list[str] | tuple[str, ...],
    fault: Fault | None = None,
) -> Response:
    roles = [(name, name in wanted, not administrator.beyond((name,))) for name in current_server().registry.roles]
    return shown("new_person", administrator, current="people", typed=filled, roles=roles, fault=fault)
