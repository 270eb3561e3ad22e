"""One look at an accounts page: the request it serves, if any, and who is signed in."""

from dataclasses import dataclass

from flask import Response, redirect

from authserver.accounts.session import current_session
from authserver.protocol.client import Client
from authserver.protocol.errors import RedirectedError
from authserver.protocol.interaction import Remembered, SignedIn, Step, next_step
from authserver.store import requests, users
from authserver.store.requests import PendingRequest
from authserver.store.sessions import Session
from authserver.store.users import User
from authserver.web.browser import browser_digest
from authserver.web.current import current_server
from authserver.web.headers import allow_form_to


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that waits under its handle, and the client that asks."""

    handle: str
    pending: PendingRequest
    client: Client


@dataclass(frozen=True, slots=True)
class Visit:
    """Who is signed in, if anybody, and what waits, if anything."""

    session: Session | None
    person: User | None
    waiting: Waiting | None

    @property
    def is_confirming(self) -> bool:
        """Whether the person who is signed in is asked again, rather than somebody else."""
        if self.waiting is None or self.session is None:
            return False
        return self.waiting.pending.request.hint_sub in (None, self.session.sub)

    def step(self) -> Step:
        """What is needed next. Consent is not a matter of these pages: it is answered as if there were none yet."""
        if self.waiting is None:
            return Step.ISSUE if self.session else Step.SIGN_IN
        signed_in = None
        if self.session is not None and self.person is not None:
            session = self.session
            signed_in = SignedIn(session.sid, session.sub, session.auth_time, self.person.roles)
        pending, client = self.waiting.pending, self.waiting.client
        now = current_server().now()
        try:
            return next_step(pending.request, client, signed_in, Remembered(), now, pending.progress)
        except RedirectedError:
            # The client must hear of it: the authorization endpoint, where every page returns to, tells it.
            return Step.REFUSE

    def onward(self) -> Response:
        """Back to the request, or home. 303: what was posted is not sent again (RFC 9700 §4.12)."""
        place = f"/authorize/{self.waiting.handle}" if self.waiting else "/"
        response = redirect(current_server().settings.issuer + place, 303)
        assert isinstance(response, Response)  # noqa: S101 - Flask's redirect makes the application's class
        return response


def load(handle: str | None) -> Visit | None:
    """None where there is a handle, but no request of this browser under it."""
    server, session = current_server(), current_session()
    with server.database.read() as connection:
        person = users.get(connection, session.sub) if session else None
        if handle is None:
            return Visit(session, person, None)
        pending = requests.find(connection, handle, browser_digest(), server.now())
    client = server.registry.clients.get(pending.request.client_id) if pending else None
    if pending is None or client is None:
        return None
    # The last redirect after the form goes to the client.
    allow_form_to(pending.request.redirect_uri)
    return Visit(session, person, Waiting(handle, pending, client))
