"""`/account`: the account at a glance, and the ways into it."""

from flask import Response

from authserver.pages.current import current_server
from authserver.pages.fault import show
from authserver.signin.next_step import required_from
from authserver.signin.powers import powers_of
from authserver.signin.signed_in import signed_in
from authserver.store import sessions
from authserver.store.allowed import applications
from authserver.store.factors import held
from authserver.store.place import FIRST
from authserver.store.sessions import Session
from authserver.store.upstream import identities
from authserver.store.users import User

# Counting ends here: the list itself has pages.
MOST = 50


@signed_in("account")
def overview(person: User, session: Session) -> Response:
    """Show who is signed in, how each part of the account stands, and what there is to see and change."""
    server = current_server()
    with server.database.read() as connection:
        counts = {
            "sessions": len(sessions.page(connection, person.sub, server.now(), after=FIRST, most=MOST)),
            "applications": len(applications.page(connection, person.sub, server.now(), most=MOST)),
            "factors": len(held.of_person(connection, person.sub)),
            "linked": len(identities.of_person(connection, person.sub)),
        }
    return show(
        "account/overview.html",
        person=person,
        session=session,
        administers=bool(powers_of(server, session, person).permissions),
        counts=counts,
        most=MOST,
        required_from=required_from(server, session, person),
    )
