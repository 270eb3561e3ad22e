"""One look at a page of ours: the request that it serves, if any, who is signed in, and the way back from it."""

from dataclasses import dataclass

from flask import Flask, Response, session

from authserver.pages.current import current_server
from authserver.pages.headers import allow_form_to
from authserver.pages.language import speak_to
from authserver.pages.redirect import see_other
from authserver.protocol.errors import RedirectedError
from authserver.protocol.interaction import Step
from authserver.protocol.provider import Provider, chosen
from authserver.protocol.request.authorization_request import BrowserRequest
from authserver.signin import client_request
from authserver.signin.client_request import ClientRequest
from authserver.signin.next_step import next_step
from authserver.signin.own_pages import OwnPage, own_page
from authserver.signin.session import current_person, current_session, session_or_begun
from authserver.store.allowed import participants
from authserver.store.sessions import Session
from authserver.store.users import User

# In the browser's own cookie: the request that it looked at last, which a link out of a mail goes on with.
LAST_SEEN = "request"


@dataclass(frozen=True, slots=True)
class Visit:
    """Who is signed in, if anybody, and what waits, if anything: a request, or a page of `OWN_PAGES`."""

    session: Session | None
    person: User | None
    waiting: ClientRequest | None
    to: str | None = None

    @property
    def goal(self) -> ClientRequest | OwnPage | None:
        """What waits; None for home."""
        return self.waiting or own_page(self.to)

    @property
    def handle(self) -> str | None:
        """The handle of the request that waits, if one does."""
        return self.waiting.handle if self.waiting else None

    @property
    def is_confirming(self) -> bool:
        """Whether the person who is signed in is asked again, rather than somebody else."""
        if self.session is None:
            return False
        if self.waiting is None:
            return self.to is not None
        return self.waiting.request.may_be_for(self.session.sub)

    @property
    def needs_factor(self) -> bool:
        """Whether a second factor is asked of whoever has one, whatever the browser."""
        return isinstance(self.goal, OwnPage) and self.goal.fresh

    @property
    def chosen_provider(self) -> Provider | None:
        """The provider that the request itself names: the only one that its client takes, or the one it hints at."""
        if self.waiting is None:
            return None
        asked, fixed = self.waiting.request, self.waiting.client.provider
        return chosen(current_server().providers, fixed, asked.login_hint, asked.domain_hint)

    def step(self) -> Step | None:
        """What is missing; None where the client must hear of an error, which the authorization endpoint tells it."""
        try:
            return next_step(current_server(), session_or_begun(), self.goal, person=self.person)
        except RedirectedError:
            return None

    @property
    def url(self) -> str:
        """The URL of what waits, or of home."""
        page = own_page(self.to)
        path = page.path if page else "/"
        if self.waiting is not None:
            path = f"/authorize/{self.waiting.handle}"
        return current_server().settings.issuer + path

    def onward(self) -> Response:
        """Back to what waits, or home."""
        return see_other(self.url)


@dataclass(frozen=True, slots=True)
class WayBack:
    """The application that a person came from, and where it is found; `waits` if it still waits for them."""

    name: str
    url: str
    waits: bool = False


def init_way_back(app: Flask) -> None:
    """Give templates `way_back()`."""
    app.jinja_env.globals.update(way_back=way_back)


def way_back() -> WayBack | None:
    """To the request that this browser was shown last, if it is open, else to the client of this session's last one.

    None where there is neither, or where nobody said where the client is found.
    """
    server, signed_in = current_server(), current_session()
    waiting = client_request.find(session[LAST_SEEN]) if LAST_SEEN in session else None
    if waiting is not None and waiting.is_open:
        return WayBack(waiting.client.name, f"{server.settings.issuer}/authorize/{waiting.handle}", waits=True)
    if signed_in is None:
        return None
    with server.database.read() as connection:
        client_id = participants.last(connection, signed_in.sid)
    client = server.client(client_id) if client_id else None
    url = client and (client.begins_at(server.settings.issuer) or client.client_uri)
    return WayBack(client.name, url) if client and url else None


def load_visit(handle: str | None, to: str | None = None) -> Visit | None:
    """None where there is a handle, but no request of this browser under it. An unknown page is home."""
    waiting = client_request.find(handle) if handle is not None else None
    visit = _visit(waiting, to)
    return visit if waiting is not None or handle is None else None


def resume_visit(to: str | None = None) -> Visit:
    """The visit of somebody whom a mail led here: the request that this browser was shown last goes on, if it can."""
    waiting = client_request.find(session[LAST_SEEN]) if LAST_SEEN in session else None
    return _visit(waiting if waiting is not None and waiting.is_open else None, to)


def _visit(waiting: ClientRequest | None, to: str | None) -> Visit:
    signed_in, person = current_session(), current_person()
    if waiting is None:
        return Visit(signed_in, person, None, to if own_page(to) else None)
    asked = waiting.request
    speak_to(person, asked.ui_locales)
    if isinstance(asked, BrowserRequest):
        # The last redirect after the form goes to the client.
        allow_form_to(asked.redirect_uri)
    if session.get(LAST_SEEN) != waiting.handle:
        session[LAST_SEEN] = waiting.handle
    return Visit(signed_in, person, waiting)
