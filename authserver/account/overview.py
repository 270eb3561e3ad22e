"""`/account`: the ways into the account area."""

from flask import Response, render_template

from authserver.pages.fault import answered
from authserver.signin.signed_in import signed_in
from authserver.store.sessions import Session
from authserver.store.users import User


@signed_in("account")
def overview(person: User, session: Session) -> Response:
    """Show who is signed in and what there is to see and change."""
    return answered(render_template("account/overview.html", person=person, session=session))
