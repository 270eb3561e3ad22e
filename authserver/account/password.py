"""`/account/password`: another password, for who knows the current one."""

from flask import Response, request

from authserver import people
from authserver.pages.current import current_server
from authserver.pages.fault import WEAK_PASSWORD, Fault, show, throttled
from authserver.pages.redirect import see_page
from authserver.signin import begin, new_password
from authserver.signin import password as passwords
from authserver.signin.begin import Authentication
from authserver.signin.credentials import Checked, ThrottledError, WrongCredentialsError, check
from authserver.signin.device import presented_device
from authserver.signin.new_password import Rules
from authserver.signin.password import PasswordsBusyError
from authserver.signin.signed_in import signed_in
from authserver.signin.visit import Visit
from authserver.store import signin_failures, users
from authserver.store.sessions import Session
from authserver.store.users import User

WRONG = Fault("The current password is wrong.")


@signed_in("password")
def password(person: User, session: Session) -> Response:
    """Ask for the current password and a new one, or replace it."""
    if request.method == "GET":
        return _page(person, is_done="done" in request.args)
    server, settings = current_server(), current_server().settings
    wanted, words = request.form.get("password", ""), new_password.words_of(person)
    faults = new_password.check(settings, wanted, *words)
    if faults:
        rules = new_password.page_rules(settings, faults, *words)
        return _page(person, WEAK_PASSWORD, rules)
    current, address = request.form.get("current_password", ""), request.environ["authserver.address"]
    try:
        checked = check(server, person.username, current, address, presented_device())
        return _replace(person, session, checked, passwords.shared(settings).hash(wanted))
    except WrongCredentialsError:
        return _page(person, WRONG)
    except ThrottledError as error:
        return _page(person, throttled(error.retry_after))
    except PasswordsBusyError as error:
        return _page(person, error.fault)


def _replace(person: User, session: Session, checked: Checked, password_hash: str) -> Response:
    server = current_server()
    with server.database.write() as connection:
        if checked.user.sub != person.sub or not users.confirm(connection, person.sub, checked.password_hash):
            raise WrongCredentialsError
        signin_failures.forget(connection, checked.account)
        people.change_password(people.change_of(server, connection), person, password_hash)
        # It rests on the sign-in, and the factor, that this page asked for.
        proven = Authentication(amr=session.amr, is_expected=True, factor_at=session.factor_at, methods=session.methods)
        # All sessions ended with the old password; this browser has just proven itself and gets a new one.
        begun = begin.new_session(connection, Visit(session, person, None, "password"), person, proven)
    response = see_page("account.password", done=1)
    return begun.put_into(response)


def _page(person: User, fault: Fault | None = None, rules: Rules | None = None, *, is_done: bool = False) -> Response:
    return show(
        "account/password.html",
        person=person,
        fault=fault,
        is_done=is_done,
        rules=rules or new_password.page_rules(current_server().settings, [], *new_password.words_of(person)),
    )
