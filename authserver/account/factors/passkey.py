"""`/account/factors/passkey`: a passkey, made by this browser and kept under a name.

WebAuthn Level 3 §7.1. https://www.w3.org/TR/webauthn-3/#sctn-registering-a-new-credential
"""

from flask import Response, request, url_for

from authserver import people
from authserver.account.factors.factors import MOST, may_set_up
from authserver.pages.browser import browser_digest
from authserver.pages.current import current_server
from authserver.pages.errors import stale_page
from authserver.pages.fault import Fault, show
from authserver.pages.language import gettext
from authserver.pages.redirect import see_page
from authserver.protocol.factors.authenticators import name_of
from authserver.protocol.person.profile import tidy
from authserver.signin import begin
from authserver.signin.factors import challenge, passkey
from authserver.signin.factors.passkey import PasskeyError
from authserver.signin.signed_in import signed_in
from authserver.signin.visit import Visit, load_visit
from authserver.store.factors import held, passkeys
from authserver.store.factors.passkeys import NewPasskey
from authserver.store.factors.tables import NAME_LENGTH
from authserver.store.sessions import Session
from authserver.store.users import User

WRONG = Fault("That passkey couldn’t be added. Try again.")
TAKEN = Fault("That passkey is in use already.")


@signed_in("factors")
def new_passkey(person: User, session: Session) -> Response:
    """Ask the browser for one, or take it; then on, to where a request waits if there is one."""
    server, visit = current_server(), load_visit(request.args.get("request"), request.args.get("to"))
    if visit is None:
        return stale_page()
    with server.database.read() as connection:
        is_full = len(held.of_person(connection, person.sub)) >= MOST
    if is_full or not may_set_up(person) or passkey.rp_id(server.settings) is None:
        return see_page("account.factors")
    if request.method == "GET":
        return _page(visit, person, session)
    try:
        return _add(visit, person, session, _made(person, session))
    except PasskeyError:
        return _page(visit, person, session, WRONG)


def _made(person: User, session: Session) -> NewPasskey:
    # Loaded when the first passkey is met: its library would be a fifth of every start.
    from authserver.signin.factors import ceremony

    server, text = current_server(), request.form.get("credential", "")
    answered = ceremony.challenge_of_registration(text)
    if not challenge.is_ours(server.master, answered, _purpose(person, session), browser_digest(), server.now()):
        raise PasskeyError("challenge")
    return ceremony.registered(server.settings, text, answered)


def _add(visit: Visit, person: User, session: Session, made: NewPasskey) -> Response:
    from authserver.signin.factors import ceremony

    server = current_server()
    name = tidy(request.form.get("name"), NAME_LENGTH) or name_of(made.aaguid) or gettext("Passkey")
    with server.database.write() as connection:
        change = people.change_of(server, connection)
        is_first = not people.held_factors(change, person)
        answered = ceremony.challenge_of_registration(request.form.get("credential", ""))
        if not challenge.spend(connection, answered, server.now()):
            raise PasskeyError("a challenge that was answered before")
        is_added = people.add_passkey(change, person, name, made, session=session.sid)
        codes = people.make_recovery_codes(change, person) if is_added and is_first else None
        # Whoever has just made it has proven it.
        amr = ("swk" if made.is_synced else "hwk", "pop", "mfa")
        begun = begin.step_up(connection, Visit(session, person, None), person, amr) if codes else None
    if not is_added:
        return _page(visit, person, session, TAKEN)
    onward = visit.url if visit.goal is not None else url_for("account.factors")
    if codes is None:
        return visit.onward() if visit.goal is not None else see_page("account.factors")
    response = show("account/factors/codes.html", person=person, codes=codes, onward=onward)
    return begun.put_into(response) if begun else response


def creation_options(person: User, session: Session) -> str:
    """What this browser is to make, as JSON."""
    from authserver.signin.factors import ceremony

    server = current_server()
    made = challenge.new_challenge(server.master, _purpose(person, session), browser_digest(), server.now())
    with server.database.read() as connection:
        return ceremony.creation_options(server.settings, person, passkeys.of_person(connection, person.sub), made)


def _purpose(person: User, session: Session) -> str:
    return f"add {person.sub} {session.sid}"


def _page(visit: Visit, person: User, session: Session, fault: Fault | None = None) -> Response:
    return show(
        "account/factors/passkey.html",
        person=person,
        options=creation_options(person, session),
        action=url_for("account.new_passkey", request=visit.handle, to=visit.to),
        name=request.form.get("name", ""),
        name_length=NAME_LENGTH,
        fault=fault,
    )
