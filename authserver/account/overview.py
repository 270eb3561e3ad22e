"""`/account`: the ways into the account area."""

from flask import Response

from authserver.pages.fault import show
from authserver.signin.signed_in import signed_in
from authserver.store.sessions import Session
from authserver.store.users import User


@signed_in("account")
def overview(person: User, session: Session) -> Response:
    """Show who is signed in and what there is to see and change."""
    return show("account/overview.html", person=person, session=session)
