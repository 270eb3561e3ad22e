"""The door of the account area: somebody is signed in, and freshly where it matters."""

from collections.abc import Callable
from functools import wraps

from flask import Response, request

from authserver.pages.current import current_server
from authserver.protocol.interaction import Step
from authserver.signin.next_step import next_step, to_second_factor, to_sign_in
from authserver.signin.own_pages import OWN_PAGES
from authserver.signin.session import current_person, current_session
from authserver.store.sessions import Session
from authserver.store.users import User

View = Callable[[User, Session], Response]


def signed_in(name: str) -> Callable[[View], Callable[[], Response]]:
    """Call a view with who is signed in; others go to the sign-in page, which leads back to this one of `OWN_PAGES`.

    Where a request waits that led here, it leads back to that.
    """

    def decorate(view: View) -> Callable[[], Response]:
        @wraps(view)
        def guarded() -> Response:
            session = current_session()
            step = next_step(current_server(), session, OWN_PAGES[name])
            if step is Step.STEP_UP:
                return to_second_factor(request.args.get("request"), to=name)
            person = current_person() if step is Step.ISSUE else None
            if session is None or person is None:
                return to_sign_in(request.args.get("request"), to=name)
            return view(person, session)

        return guarded

    return decorate
