"""`/sign-in/set-up`: a second factor that is required, set up by whoever has proven the first and has no other.

Nothing else is open to them before. WebAuthn Level 3 §7.1; OWASP ASVS 5 §6.3.3. https://owasp.org/ASVS
"""

from typing import Any

from flask import Response, request, url_for

from authserver.pages.current import current_server
from authserver.pages.errors import stale_page
from authserver.pages.fault import Fault, show
from authserver.pages.language import speak_to
from authserver.signin.factors import new_app, new_passkey
from authserver.signin.factors.lacking import may_set_up
from authserver.signin.factors.owed import setting_up
from authserver.signin.factors.passkey import PasskeyError, rp_id
from authserver.signin.factors.set_up import Added, NotSetUpError, SettingUp, add_app, add_passkey
from authserver.signin.next_step import to_second_factor, to_set_up_factor
from authserver.signin.visit import load_visit


def set_up() -> Response:
    """Offer the ways, or take a factor: then its recovery codes, a session, and on to what was asked."""
    visit = load_visit(request.args.get("request"), request.args.get("to"))
    if visit is None:
        return stale_page()
    who = setting_up(visit)
    if who is None:
        # Where one was set up meanwhile, in another tab, it is asked for there.
        return to_second_factor(visit.handle, visit.to)
    speak_to(who.person)
    if request.method == "GET" or not may_set_up(who.person):
        return _page(who)
    return _take_passkey(who) if request.form.get("credential") else _take_app(who)


def _take_app(who: SettingUp) -> Response:
    secret = new_app.sent_secret(who.person, who.session.sid)
    if secret is None:
        return to_set_up_factor(who.visit.handle, who.visit.to)
    step = new_app.sent_step(secret)
    if step is None:
        return _page(who, new_app.WRONG, secret)
    try:
        with current_server().database.write() as connection:
            added = add_app(connection, who, new_app.sent_name(), secret, step)
    except NotSetUpError:
        return to_set_up_factor(who.visit.handle, who.visit.to)
    return _done(who, added)


def _take_passkey(who: SettingUp) -> Response:
    try:
        made = new_passkey.sent_passkey(who.person, who.session.sid)
        with current_server().database.write() as connection:
            new_passkey.spend_challenge(connection)
            added = add_passkey(connection, who, new_passkey.sent_name(made), made)
    except PasskeyError as error:
        return _page(who, new_passkey.fault_of(error))
    except NotSetUpError:
        return _page(who, new_passkey.TAKEN)
    return _done(who, added)


def _done(who: SettingUp, added: Added) -> Response:
    response = show("account/factors/codes.html", person=who.person, codes=added.codes, onward=who.visit.url)
    return added.begun.put_into(response) if added.begun else response


def _page(who: SettingUp, fault: Fault | None = None, secret: str | None = None) -> Response:
    server, visit, sid = current_server(), who.visit, who.session.sid
    by_app = secret is not None or request.args.get("by") == "app" or rp_id(server.settings) is None
    shown: dict[str, Any] = {}
    if may_set_up(who.person):
        if by_app:
            shown = new_app.shown(who.person, sid, secret or new_app.new_secret())
        else:
            shown = {"options": new_passkey.creation_options(who.person, sid)}
    return show(
        "accounts/factors/set_up.html",
        person=who.person,
        may_set_up=may_set_up(who.person),
        by_app=by_app,
        may_have_passkeys=rp_id(server.settings) is not None,
        action=url_for("accounts.set_up", request=visit.handle, to=visit.to, by="app" if by_app else None),
        by_passkey=url_for("accounts.set_up", request=visit.handle, to=visit.to),
        with_app=url_for("accounts.set_up", request=visit.handle, to=visit.to, by="app"),
        forgot=url_for("accounts.forgot", request=visit.handle),
        again=url_for("accounts.sign_in", request=visit.handle, to=visit.to, another=1),
        fault=fault,
        **shown,
    )
