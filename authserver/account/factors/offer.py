"""`/account/factors/offer`: a passkey, offered after a sign-in with a password to whoever has none."""

from flask import Response, request, url_for

from authserver import people
from authserver.pages.current import current_server
from authserver.pages.errors import stale_page
from authserver.pages.fault import show
from authserver.signin.factors.new_passkey import creation_options
from authserver.signin.signed_in import signed_in
from authserver.signin.visit import load_visit
from authserver.store.sessions import Session
from authserver.store.users import User

NOT_NOW = 30 * 86400


@signed_in("factors")
def offer(person: User, session: Session) -> Response:
    """Offer it, or take a no; either way the person goes on to where they were going."""
    server, visit = current_server(), load_visit(request.args.get("request"), request.args.get("to"))
    if visit is None:
        return stale_page()
    if request.method == "POST":
        until = None if "never" in request.form else server.now() + NOT_NOW
        with server.database.write() as connection:
            people.decline_passkey(people.change_of(server, connection), person, until)
        return visit.onward()
    return show(
        "account/factors/offer.html",
        person=person,
        options=creation_options(person, session.sid),
        action=url_for("account.new_passkey", request=visit.handle, to=visit.to),
        decline=url_for("account.offer", request=visit.handle, to=visit.to),
    )
