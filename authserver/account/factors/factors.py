"""`/account/factors`: the second factors of a person, renamed and removed here.

Whoever has one has just proven one: the page asks for it, so none is removed without one (OWASP ASVS 5 §7.5.1).
https://owasp.org/ASVS
"""

from flask import Response, request

from authserver import people
from authserver.pages.current import current_server
from authserver.pages.fault import Fault, show
from authserver.pages.redirect import see_page
from authserver.people import Change
from authserver.people.factors.reset import KIND, works_from
from authserver.protocol.factors.authenticators import name_of
from authserver.protocol.person.profile import tidy
from authserver.signin.factors import required
from authserver.signin.factors.lacking import may_set_up
from authserver.signin.factors.passkey import rp_id
from authserver.signin.next_step import required_from
from authserver.signin.signed_in import signed_in
from authserver.store import links
from authserver.store.factors import held, recovery_codes
from authserver.store.factors.held import Factor
from authserver.store.factors.tables import NAME_LENGTH
from authserver.store.sessions import Session
from authserver.store.users import User

NAMELESS = Fault("Enter a name.")
REQUIRED = Fault("Your account needs a second factor. Add another one before you remove this one.")


@signed_in("factors")
def factors(person: User, session: Session) -> Response:
    """List them; or rename or remove one, forget the devices that need none, cancel a removal of all."""
    if request.method == "GET":
        return _page(person, session)
    with current_server().database.write() as connection:
        fault = _change(people.change_of(current_server(), connection), person)
    return _page(person, session, fault) if fault else see_page("account.factors")


def _change(change: Change, person: User) -> Fault | None:
    form = request.form
    if "cancel" in form:
        people.cancel_factor_reset(change, person)
    elif "distrust" in form:
        people.distrust_devices(change, person)
    elif chosen := _chosen(change, person, form.get("rename") or form.get("remove") or ""):
        if "remove" in form and _is_needed(change, person):
            return REQUIRED
        if "remove" in form:
            people.remove_factor(change, person, chosen)
        elif name := tidy(form.get("name"), NAME_LENGTH):
            people.rename_factor(change, person, chosen, name)
        else:
            return NAMELESS
    return None


def _is_needed(change: Change, person: User) -> bool:
    rule = required.rule_for(current_server(), person)
    return rule is not None and rule.is_in_force(change.now) and len(people.held_factors(change, person)) == 1


def _chosen(change: Change, person: User, key: str) -> Factor | None:
    return next((each for each in people.held_factors(change, person) if each.id == key), None)


def _page(person: User, session: Session, fault: Fault | None = None) -> Response:
    server = current_server()
    with server.database.read() as connection:
        found = held.of_person(connection, person.sub)
        left = recovery_codes.left(connection, person.sub)
        reset = links.open_of(connection, KIND, person.sub, server.now())
    return show(
        "account/factors/factors.html",
        person=person,
        factors=found,
        codes_left=left,
        required_from=required_from(server, session, person),
        reset_at=works_from(reset) if reset else None,
        may_set_up=may_set_up(person),
        may_have_passkeys=rp_id(server.settings) is not None,
        name_of=name_of,
        name_length=NAME_LENGTH,
        fault=fault,
    )
