"""`/sign-in/add-factor`: a request needs a factor that the person does not have, and they can set one up and come back.

RFC 9470 §5. https://www.rfc-editor.org/rfc/rfc9470#section-5
"""

from flask import Response, request, url_for

from authserver.pages.current import current_server
from authserver.pages.errors import stale_page
from authserver.pages.fault import show
from authserver.pages.redirect import see_page
from authserver.protocol.interaction import Step
from authserver.signin.next_step import lacking_of
from authserver.signin.visit import load_visit
from authserver.store import requests


def add_factor() -> Response:
    """Say what is missing and lead to it, or return without."""
    server, visit = current_server(), load_visit(request.args.get("request"), request.args.get("to"))
    if visit is None:
        return stale_page()
    waiting, session = visit.waiting, visit.session
    if request.method == "POST":
        if waiting is None:
            return see_page("accounts.home")
        with server.database.write() as connection:
            requests.deny(connection, waiting.handle, server.now())
        return visit.onward()
    if session is None or visit.person is None or visit.step() is not Step.ADD_FACTOR:
        return visit.onward()
    found = lacking_of(server, session, visit.goal, visit.person)
    methods = found.methods if found else ()
    handle, to = visit.handle, visit.to
    return show(
        "accounts/factors/add_factor.html",
        client=waiting.client if waiting else None,
        person=visit.person,
        passkey=url_for("account.new_passkey", request=handle, to=to) if "passkey" in methods else None,
        app=url_for("account.app", request=handle, to=to) if "otp" in methods else None,
        action=url_for("accounts.add_factor", request=handle, to=to),
    )
