"""`/sign-in/factor`: the second factor, of whoever has proven the first, or has a session that needs it now.

OWASP ASVS 5 §6.3.3. https://owasp.org/ASVS
"""

from flask import Response, request, url_for

from authserver import people
from authserver.events import emit
from authserver.http import limits
from authserver.http.address import limit_key
from authserver.pages.current import current_server
from authserver.pages.errors import stale_page
from authserver.pages.fault import Fault, show, throttled_codes, too_many
from authserver.pages.language import duration, speak_to
from authserver.signin import begin
from authserver.signin.begin import Begun
from authserver.signin.credentials import ThrottledError
from authserver.signin.device import presented_device
from authserver.signin.factors import assertion, second
from authserver.signin.factors.assertion import CheckedPasskey
from authserver.signin.factors.owed import Owed, owed, setting_up
from authserver.signin.factors.passkey import PasskeyError, rp_id
from authserver.signin.factors.second import WrongFactorError
from authserver.signin.next_step import to_set_up_factor, to_sign_in
from authserver.signin.visit import Visit, load_visit
from authserver.store import Connection, signin_failures
from authserver.store.factors import passkeys, totp

WRONG = Fault("That code is wrong, or was already used. Enter the one that the app shows now.")
WRONG_RECOVERY_CODE = Fault("That recovery code is wrong, or was already used.")
WRONG_PASSKEY = Fault("That passkey wasn’t accepted. Try again, or use another factor.")
EMPTY = Fault("Enter the code.")


def factor() -> Response:
    """Ask for the code, or take it: then a session, and on to what was asked."""
    visit = load_visit(request.args.get("request"), request.args.get("to"))
    if visit is None:
        return stale_page()
    asked = owed(visit)
    if asked is None:
        lead = to_set_up_factor if setting_up(visit) else to_sign_in
        return lead(visit.handle, visit.to)
    speak_to(asked.user)
    return _page(visit, asked) if request.method == "GET" else _submit(visit, asked)


def _submit(visit: Visit, asked: Owed) -> Response:
    server, typed = current_server(), request.form.get("code", "")
    if not typed.strip() and not request.form.get("credential"):
        return _page(visit, asked, EMPTY)
    counted = server.settings.signin_limit_address, "factor", limit_key(request.environ["authserver.address"])
    wait = limits.hit(server.limiter, *counted)
    if wait:
        return _page(visit, asked, too_many(wait))
    try:
        account = second.count_guess(server, asked.user, presented_device())
        checked = _checked_passkey(asked)
        with server.database.write() as connection:
            begun = _taken(connection, visit, asked, typed, checked)
            signin_failures.forget(connection, account)
    except ThrottledError as error:
        return _page(visit, asked, throttled_codes(error.retry_after))
    except PasskeyError:
        return _page(visit, asked, WRONG_PASSKEY)
    except WrongFactorError:
        emit("user:factor:failed", sub=asked.user.sub)
        return _page(visit, asked, WRONG_RECOVERY_CODE if _by_recovery_code() else WRONG)
    limits.give_back(server.limiter, *counted)
    return begin.finish(visit, begun)


def _taken(connection: Connection, visit: Visit, asked: Owed, typed: str, checked: CheckedPasskey | None) -> Begun:
    """The session that the code, or the passkey, opens. What is taken stays taken only if there is one."""
    server = current_server()
    if checked is not None:
        amr = assertion.take(connection, checked, server.now())
    elif second.kind_of(typed) not in asked.methods:
        # Not what is asked for here: it would be spent for nothing.
        raise WrongFactorError
    else:
        amr = second.take(people.change_of(server, connection), server.master, asked.user, typed)
    if asked.is_step_up:
        begun = begin.step_up(connection, visit, asked.user, amr)
    else:
        begun = begin.complete(connection, visit, asked.user, amr, trust="trust" in request.form)
    if begun is None:
        raise WrongFactorError
    if asked.is_step_up:
        emit("user:login:stepped_up", sub=asked.user.sub, within=connection)
    return begun


def _checked_passkey(asked: Owed) -> CheckedPasskey | None:
    text = request.form.get("credential")
    if text and "passkey" not in asked.methods:
        raise PasskeyError("not what is asked for")
    return assertion.check(current_server(), text, _purpose(asked), asked.user.sub) if text else None


def _purpose(asked: Owed) -> str:
    return f"factor {asked.user.sub}"


def _by_recovery_code() -> bool:
    return request.args.get("by") == "recovery"


def _page(visit: Visit, asked: Owed, fault: Fault | None = None) -> Response:
    lifetime, handle = current_server().settings.factor_device_lifetime, visit.handle
    can_recover = "recovery_code" in asked.methods
    by = "recovery" if _by_recovery_code() and can_recover else None
    server = current_server()
    with server.database.read() as connection:
        keys = passkeys.of_person(connection, asked.user.sub) if "passkey" in asked.methods else []
        has_app = "otp" in asked.methods and bool(totp.of_person(connection, asked.user.sub))
    can_use_keys = bool(keys) and rp_id(server.settings) is not None
    return show(
        "accounts/factors/factor.html",
        client=visit.waiting.client if visit.waiting else None,
        person=asked.user,
        action=url_for("accounts.factor", request=handle, to=visit.to, by=by),
        other=url_for("accounts.factor", request=handle, to=visit.to, by=None if by else "recovery")
        if can_recover
        else None,
        by_recovery_code=by is not None,
        has_app=has_app,
        options=assertion.request_options(server, _purpose(asked), keys) if can_use_keys else None,
        trust_for=duration(lifetime) if lifetime and not asked.is_step_up and not visit.needs_factor else None,
        again=url_for("accounts.sign_in", request=handle, to=visit.to, another=1),
        fault=fault,
    )
