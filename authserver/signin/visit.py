"""One look at an accounts page: the request it serves, if any, and who is signed in."""

from dataclasses import dataclass

from flask import Response, redirect, session

from authserver.access.effective import effective_roles
from authserver.pages.browser import browser_digest
from authserver.pages.current import current_server
from authserver.pages.headers import allow_form_to
from authserver.pages.language import speak_to
from authserver.protocol.client import Client
from authserver.protocol.errors import RedirectedError
from authserver.protocol.interaction import Remembered, SignedIn, Step, next_step
from authserver.signin.session import current_person, current_session
from authserver.store import requests
from authserver.store.requests import PendingRequest
from authserver.store.sessions import Session
from authserver.store.users import User


@dataclass(frozen=True, slots=True)
class Place:
    """Where the sign-in page leads to; a fresh one needs a sign-in of the last minutes."""

    path: str
    fresh: bool = False


# The only places that a link to the sign-in page can name: none leads off this site.
PLACES = {
    "account": Place("/account"),
    "profile": Place("/account/profile"),
    "email": Place("/account/email", fresh=True),
    "password": Place("/account/password", fresh=True),
    "linked": Place("/account/linked", fresh=True),
    "sessions": Place("/account/sessions"),
    "applications": Place("/account/applications"),
    "activity": Place("/account/activity"),
    "export": Place("/account/export", fresh=True),
    "delete": Place("/account/delete", fresh=True),
    "verify": Place("/verify"),
}


# In the browser's own cookie: the request that it looked at last, which a link out of a mail goes on with.
LAST_SEEN = "request"


def is_fresh(session: Session) -> bool:
    """Whether the person is known to have signed in within the last minutes (ASVS 7.5.1)."""
    server = current_server()
    at = session.auth_time
    return at is not None and server.now() - at < server.settings.fresh_authentication


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that waits under its handle, and the client that asks."""

    handle: str
    pending: PendingRequest
    client: Client


@dataclass(frozen=True, slots=True)
class Visit:
    """Who is signed in, if anybody, and what waits, if anything: a request, or a place of `PLACES`."""

    session: Session | None
    person: User | None
    waiting: Waiting | None
    to: str | None = None

    @property
    def is_confirming(self) -> bool:
        """Whether the person who is signed in is asked again, rather than somebody else."""
        if self.session is None:
            return False
        if self.waiting is None:
            return self.to is not None
        return self.waiting.pending.request.may_be_for(self.session.sub)

    def step(self) -> Step:
        """What is needed next. Consent is not a matter of these pages: it is answered as if there were none yet."""
        if self.waiting is None:
            must_confirm = self.to is not None and PLACES[self.to].fresh
            return Step.ISSUE if self.session and (is_fresh(self.session) or not must_confirm) else Step.SIGN_IN
        signed_in = None
        if self.session is not None and self.person is not None:
            session = self.session
            given = self.person.roles_in(session.provider, current_server().now())
            roles = effective_roles(current_server().registry, given, self.person.groups)
            signed_in = SignedIn(session.sid, session.sub, session.auth_time, roles, session.provider, session.acr)
        pending, client = self.waiting.pending, self.waiting.client
        now = current_server().now()
        try:
            return next_step(pending.request, client, signed_in, Remembered(), now, pending.progress)
        except RedirectedError:
            # The client must hear of it: the authorization endpoint, where every page returns to, tells it.
            return Step.REFUSE

    @property
    def place(self) -> str:
        """The URL of what waits, or of home."""
        place = PLACES[self.to].path if self.to else "/"
        if self.waiting is not None:
            place = f"/authorize/{self.waiting.handle}"
        return current_server().settings.issuer + place

    def onward(self) -> Response:
        """Back to what waits, or home. 303: what was posted is not sent again (RFC 9700 §4.12)."""
        response = redirect(self.place, 303)
        assert isinstance(response, Response)  # noqa: S101 - Flask's redirect makes the application's class
        return response


def load(handle: str | None, to: str | None = None) -> Visit | None:
    """None where there is a handle, but no request of this browser under it. An unknown place is home."""
    waiting = _waiting(handle) if handle is not None else None
    here = _visit(waiting, to)
    return here if waiting is not None or handle is None else None


def resume(to: str | None = None) -> Visit:
    """The visit of somebody whom a mail led here: the request that this browser was shown last goes on, if it can."""
    waiting = _waiting(session[LAST_SEEN]) if LAST_SEEN in session else None
    return _visit(waiting if waiting is not None and waiting.pending.is_open else None, to)


def _waiting(handle: str) -> Waiting | None:
    server = current_server()
    with server.database.read() as connection:
        pending = requests.find(connection, handle, browser_digest(), server.now())
    client = server.registry.clients.get(pending.request.client_id) if pending else None
    return Waiting(handle, pending, client) if pending and client else None


def _visit(waiting: Waiting | None, to: str | None) -> Visit:
    signed_in, person = current_session(), current_person()
    if waiting is None:
        return Visit(signed_in, person, None, to if to in PLACES else None)
    asked = waiting.pending.request
    speak_to(person, asked.ui_locales)
    # The last redirect after the form goes to the client.
    allow_form_to(asked.redirect_uri)
    if session.get(LAST_SEEN) != waiting.handle:
        session[LAST_SEEN] = waiting.handle
    return Visit(signed_in, person, waiting)
