"""`/sign-in/passkey`: a passkey says who is here, and proves it; no name is typed and no password.

WebAuthn Level 3 §7.2. https://www.w3.org/TR/webauthn-3/#sctn-verifying-assertion
"""

from flask import Response, request

from authserver.accounts.sign_in import first_page
from authserver.http import limits
from authserver.http.address import limit_key
from authserver.pages.current import current_server
from authserver.pages.errors import stale_page
from authserver.pages.fault import Fault, too_many
from authserver.signin import begin
from authserver.signin.begin import Authentication
from authserver.signin.factors import assertion
from authserver.signin.factors.passkey import PasskeyError
from authserver.signin.visit import Visit, load_visit
from authserver.store import users

WRONG = Fault("That passkey wasn’t accepted. Try again, or sign in another way.")


def passkey() -> Response:
    """Take the answer of the browser: then a session, and on to what was asked."""
    visit = load_visit(request.args.get("request"), request.args.get("to"))
    if visit is None:
        return stale_page()
    if visit.waiting is not None and visit.waiting.client.provider is not None:
        return visit.onward()
    server = current_server()
    try:
        with limits.failures_alone(server.limiter, PasskeyError) as tries:
            place = limit_key(request.environ["authserver.address"])
            if wait := tries.hit(server.settings.signin_limit_address, "passkey", place):
                return first_page(visit, too_many(wait))
            return _enter(visit)
    except PasskeyError:
        return first_page(visit, WRONG)


def _enter(visit: Visit) -> Response:
    server = current_server()
    checked = assertion.check(server, request.form.get("credential", ""), assertion.SIGN_IN)
    with server.database.write() as connection:
        user = users.get(connection, checked.passkey.sub)
        if user is None or user.disabled_at is not None:
            raise PasskeyError("disabled")
        amr, now = assertion.take(connection, checked, server.now()), server.now()
        remember = "remember" in request.form
        proven = Authentication(amr=amr, remember=remember, lacks_nothing=True, factor_at=now)
        begun = begin.start(connection, visit, user, proven)
    return begin.finish(visit, begun)
