"""`/account/factors/codes`: new recovery codes, shown once; those before are void."""

from flask import Response, request, url_for

from authserver import people
from authserver.pages.current import current_server
from authserver.pages.fault import show
from authserver.pages.redirect import see_page
from authserver.signin.signed_in import signed_in
from authserver.store.sessions import Session
from authserver.store.users import User


@signed_in("factors")
def codes(person: User, _session: Session) -> Response:
    """Make them and show them, for whoever has a factor that they stand in for."""
    server = current_server()
    if request.method == "GET":
        return see_page("account.factors")
    with server.database.write() as connection:
        change = people.change_of(server, connection)
        made = people.make_recovery_codes(change, person) if people.held_factors(change, person) else None
    if made is None:
        return see_page("account.factors")
    return show("account/factors/codes.html", person=person, codes=made, onward=url_for("account.factors"))
