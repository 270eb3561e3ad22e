"""The door of the account area: somebody is signed in, and freshly where it matters."""

from collections.abc import Callable
from functools import wraps

from flask import Response

from authserver.signin.session import current_session
from authserver.signin.visit import PLACES, Visit, is_fresh
from authserver.store import users
from authserver.store.sessions import Session
from authserver.store.users import User
from authserver.web.current import current_server
from authserver.web.language import speak_to
from authserver.web.redirect import see_page

View = Callable[[User, Session], Response]


def signed_in(place: str) -> Callable[[View], Callable[[], Response]]:
    """Call a view with who is signed in; others go to the sign-in page, which leads back to this place."""

    def decorate(view: View) -> Callable[[], Response]:
        @wraps(view)
        def guarded() -> Response:
            session = current_session()
            person = None
            if session is not None and (is_fresh(session) or not PLACES[place].fresh):
                with current_server().database.read() as connection:
                    person = users.get(connection, session.sub)
            if session is None or person is None:
                return see_page("accounts.sign_in", to=place)
            speak_to(person)
            return view(person, session)

        return guarded

    return decorate


def visit_of(person: User, session: Session, place: str) -> Visit:
    """The visit of somebody who goes on to a place of the area."""
    return Visit(session, person, None, place)
