"""`/account/factors/app`: an authenticator app, set up by a QR code or by hand, and proven with its first code."""

from flask import Response, request, url_for

from authserver.account.factors.added import go_on
from authserver.pages.current import current_server
from authserver.pages.errors import stale_page
from authserver.pages.fault import Fault, show
from authserver.pages.redirect import see_page
from authserver.signin.factors import new_app
from authserver.signin.factors.lacking import may_set_up
from authserver.signin.factors.set_up import MOST, NotSetUpError, SettingUp, add_app
from authserver.signin.signed_in import signed_in
from authserver.signin.visit import load_visit
from authserver.store.factors import held
from authserver.store.sessions import Session
from authserver.store.users import User


@signed_in("factors")
def app(person: User, session: Session) -> Response:
    """Show a new secret, or take its first code; then on, to where a request waits if there is one."""
    visit = load_visit(request.args.get("request"), request.args.get("to"))
    if visit is None:
        return stale_page()
    with current_server().database.read() as connection:
        is_full = len(held.of_person(connection, person.sub)) >= MOST
    if is_full or not may_set_up(person):
        return see_page("account.factors")
    who = SettingUp(visit, person, session)
    if request.method == "GET":
        return _page(who, new_app.new_secret())
    secret = new_app.sent_secret(person, session.sid)
    if secret is None:
        return see_page("account.app", request=visit.handle, to=visit.to)
    return _submit(who, secret)


def _submit(who: SettingUp, secret: str) -> Response:
    step = new_app.sent_step(secret)
    if step is None:
        return _page(who, secret, new_app.WRONG)
    try:
        with current_server().database.write() as connection:
            added = add_app(connection, who, new_app.sent_name(), secret, step)
    except NotSetUpError:
        return see_page("account.factors")
    return go_on(who, added)


def _page(who: SettingUp, secret: str, fault: Fault | None = None) -> Response:
    return show(
        "account/factors/app.html",
        person=who.person,
        action=url_for("account.app", request=who.visit.handle, to=who.visit.to),
        fault=fault,
        **new_app.shown(who.person, who.session.sid, secret),
    )
