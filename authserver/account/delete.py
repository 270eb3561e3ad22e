"""`/account/delete`: the end of an account, at once and for good."""

from flask import Response, request

from authserver import people
from authserver.pages.browser import forget_browser
from authserver.pages.current import current_server
from authserver.pages.fault import Fault, show
from authserver.signin.session import clear_cookie
from authserver.signin.signed_in import signed_in
from authserver.store.sessions import Session
from authserver.store.users import User

UNSURE = Fault("Check the box to confirm.")


@signed_in("delete")
def delete(person: User, _session: Session) -> Response:
    """Ask whether it is meant, or do it. Tokens are dead at once, and the `sub` is never given again."""
    if request.method == "GET":
        return _page(person)
    if request.form.get("sure") != "y":
        return _page(person, UNSURE)
    server = current_server()
    with server.database.write() as connection:
        people.delete(people.change_of(server, connection), person)
    forget_browser()
    response = show("account/deleted.html")
    clear_cookie(response, server.settings)
    return response


def _page(person: User, fault: Fault | None = None) -> Response:
    return show("account/delete.html", person=person, fault=fault)
