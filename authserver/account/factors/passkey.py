"""`/account/factors/passkey`: a passkey, made by this browser and kept under a name.

WebAuthn Level 3 §7.1. https://www.w3.org/TR/webauthn-3/#sctn-registering-a-new-credential
"""

from flask import Response, request, url_for

from authserver.account.factors.added import go_on
from authserver.pages.current import current_server
from authserver.pages.errors import stale_page
from authserver.pages.fault import Fault, show
from authserver.pages.redirect import see_page
from authserver.signin.factors import new_passkey as new
from authserver.signin.factors.lacking import may_set_up
from authserver.signin.factors.passkey import PasskeyError, rp_id
from authserver.signin.factors.set_up import MOST, NotSetUpError, SettingUp, add_passkey
from authserver.signin.signed_in import signed_in
from authserver.signin.visit import load_visit
from authserver.store.factors import held
from authserver.store.factors.tables import NAME_LENGTH
from authserver.store.sessions import Session
from authserver.store.users import User


@signed_in("factors")
def new_passkey(person: User, session: Session) -> Response:
    """Ask the browser for one, or take it; then on, to where a request waits if there is one."""
    server, visit = current_server(), load_visit(request.args.get("request"), request.args.get("to"))
    if visit is None:
        return stale_page()
    with server.database.read() as connection:
        is_full = len(held.of_person(connection, person.sub)) >= MOST
    if is_full or not may_set_up(person) or rp_id(server.settings) is None:
        return see_page("account.factors")
    who = SettingUp(visit, person, session)
    return _page(who) if request.method == "GET" else _submit(who)


def _submit(who: SettingUp) -> Response:
    try:
        made = new.sent_passkey(who.person, who.session.sid)
        with current_server().database.write() as connection:
            new.spend_challenge(connection)
            added = add_passkey(connection, who, new.sent_name(made), made)
    except PasskeyError as error:
        return _page(who, new.fault_of(error))
    except NotSetUpError:
        return _page(who, new.TAKEN)
    return go_on(who, added)


def _page(who: SettingUp, fault: Fault | None = None) -> Response:
    return show(
        "account/factors/passkey.html",
        person=who.person,
        options=new.creation_options(who.person, who.session.sid),
        action=url_for("account.new_passkey", request=who.visit.handle, to=who.visit.to),
        name=request.form.get("name", ""),
        name_length=NAME_LENGTH,
        fault=fault,
    )
