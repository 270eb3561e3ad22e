"""`/account/factors/announced`: from a date on a second factor is required of this person, who has none yet."""

from flask import Response, request, url_for

from authserver import people
from authserver.pages.current import current_server
from authserver.pages.errors import stale_page
from authserver.pages.fault import show
from authserver.signin.factors.lacking import may_set_up
from authserver.signin.factors.passkey import rp_id
from authserver.signin.next_step import required_from
from authserver.signin.signed_in import signed_in
from authserver.signin.visit import load_visit
from authserver.store.sessions import Session
from authserver.store.users import User

LATER = 7 * 86400


@signed_in("account")
def announced(person: User, session: Session) -> Response:
    """Say so and offer the ways, or take a "later"; either way the person goes on to where they were going."""
    server, visit = current_server(), load_visit(request.args.get("request"), request.args.get("to"))
    if visit is None:
        return stale_page()
    if request.method == "POST":
        with server.database.write() as connection:
            people.put_off_factor(people.change_of(server, connection), person, server.now() + LATER)
        return visit.onward()
    begins_at = required_from(server, session, person)
    if begins_at is None:
        return visit.onward()
    return show(
        "account/factors/announced.html",
        person=person,
        required_from=begins_at,
        may_set_up=may_set_up(person),
        may_have_passkeys=rp_id(server.settings) is not None,
        handle=visit.handle,
        to=visit.to,
        action=url_for("account.announced", request=visit.handle, to=visit.to),
    )
