"""`/account/delete`: the end of an account, at once and for good."""

from flask import Response, request

from authserver import people
from authserver.pages.browser import forget_browser
from authserver.pages.current import current_server
from authserver.pages.fault import Fault, show
from authserver.protocol.words import marked
from authserver.signin.session import clear_cookie
from authserver.signin.signed_in import signed_in
from authserver.store.sessions import Session
from authserver.store.users import User

UNSURE = Fault(marked("Check the box to confirm."))
LAST = Fault(
    marked("Nobody else has full access here, so this account can’t be deleted. Give somebody else that role first."),
    409,
)


@signed_in("delete")
def delete(person: User, _session: Session) -> Response:
    """Ask whether it is meant, or do it. Tokens are dead at once, and the `sub` is never given again."""
    if request.method == "GET":
        return _page(person)
    if request.form.get("sure") != "y":
        return _page(person, UNSURE)
    server = current_server()
    with server.database.write() as connection:
        change = people.change_of(server, connection)
        person, _identities = people.held(change, person)
        is_last = people.leaves_nobody(change, server.registry, person)
        if not is_last:
            people.delete(change, person)
    if is_last:
        return _page(person, LAST)
    forget_browser()
    response = show("account/deleted.html")
    clear_cookie(response, server.settings)
    return response


def _page(person: User, fault: Fault | None = None) -> Response:
    return show("account/delete.html", person=person, fault=fault)
