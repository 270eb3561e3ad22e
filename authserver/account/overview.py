"""`/account`: the ways into the account area."""

from flask import Response

from authserver.pages.current import current_server
from authserver.pages.fault import show
from authserver.signin.powers import powers_of
from authserver.signin.signed_in import signed_in
from authserver.store.sessions import Session
from authserver.store.users import User


@signed_in("account")
def overview(person: User, session: Session) -> Response:
    """Show who is signed in and what there is to see and change."""
    administers = bool(powers_of(current_server(), session, person).permissions)
    return show("account/overview.html", person=person, session=session, administers=administers)
