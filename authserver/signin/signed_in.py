"""The door of the account area: somebody is signed in, and freshly where it matters."""

from collections.abc import Callable
from functools import wraps

from flask import Response

from authserver.pages.redirect import see_page
from authserver.signin.session import current_person, current_session
from authserver.signin.visit import PLACES, is_fresh
from authserver.store.sessions import Session
from authserver.store.users import User

View = Callable[[User, Session], Response]


def signed_in(place: str) -> Callable[[View], Callable[[], Response]]:
    """Call a view with who is signed in; others go to the sign-in page, which leads back to this place."""

    def decorate(view: View) -> Callable[[], Response]:
        @wraps(view)
        def guarded() -> Response:
            session = current_session()
            is_welcome = session is not None and (is_fresh(session) or not PLACES[place].fresh)
            person = current_person() if is_welcome else None
            if session is None or person is None:
                return see_page("accounts.sign_in", to=place)
            return view(person, session)

        return guarded

    return decorate
