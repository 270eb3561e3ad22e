"""`GET /authorize` where nothing must be asked: signed in, consent known. Answered before Flask is entered.

The checks are those of `endpoint`; whatever ends in anything but a code in the query is left to it. No page, no
template and no cookie is involved, and that is the larger half of what Flask costs here.
"""

from werkzeug.http import parse_cookie

from authserver.access.effective import effective_roles
from authserver.authorize.answer import start
from authserver.authorize.pushed import pushed_request
from authserver.authorize.validate import resolve, validate
from authserver.events import emit
from authserver.protocol.errors import RedirectedError, ShownError
from authserver.protocol.interaction import Remembered, Step
from authserver.protocol.parameters import parse
from authserver.protocol.request.authorization_request import BrowserRequest
from authserver.protocol.request.response_mode import redirect_location, response_fields
from authserver.server import Reply, Request, Server
from authserver.signin.client_request import ClientRequest
from authserver.signin.next_step import acr_of, next_step
from authserver.signin.session import cookie_name, note_use
from authserver.store import requests
from authserver.store.allowed import known
from authserver.store.sessions import Session


def authorize_at_once(server: Server, request: Request) -> Reply | None:
    """The redirect with a code, or None where a page, a form or an error is due."""
    cookie = parse_cookie(request.header("Cookie")).get(cookie_name(server.settings))
    if not cookie:
        return None
    try:
        parameters = parse(request.query)
        asked = pushed_request(server, parameters, lambda: None) or validate(server, resolve(server, parameters))
        brought = asked.request
        if not isinstance(brought, BrowserRequest) or brought.response_mode != "query":
            return None
        return _issue(server, asked, brought, cookie)
    except (ShownError, RedirectedError):
        return None


def _issue(server: Server, asked: ClientRequest, brought: BrowserRequest, cookie: str) -> Reply | None:
    now = server.now()
    with server.database.read() as connection:
        found = known.find(connection, cookie, asked.client.client_id, now, with_roles=bool(server.registry.role_acr))
    if found is None:
        return None
    session, roles = found.session, None
    if found.roles is not None:
        roles = effective_roles(server.registry, found.roles, found.groups)
    if next_step(server, session, asked, consent=found.consent, roles=roles) is not Step.ISSUE:
        return None
    note_use(server, session, now)
    acr = acr_of(server, session, asked, roles or ())
    started = (_start_pushed if asked.handle else _start)(server, asked, session, found.consent, acr)
    if started is None:
        return None
    key, code = started
    emit("authorization:request:granted", sub=session.sub, client_id=asked.client.client_id, authorization=key)
    fields = response_fields(server.settings.issuer, brought.state, ("code", code))
    return Reply(303, headers=(("Location", redirect_location(brought.redirect_uri, fields)),))


def _start(
    server: Server, asked: ClientRequest, session: Session, consent: Remembered, acr: str | None
) -> tuple[str, str] | None:
    with server.database.write_one() as connection:
        return start(connection, server, asked, session, consent, acr)


def _start_pushed(
    server: Server, asked: ClientRequest, session: Session, consent: Remembered, acr: str | None
) -> tuple[str, str] | None:
    with server.database.write() as connection:
        started = start(connection, server, asked, session, consent, acr)
        if started is not None and not requests.answer(connection, asked.handle, started[0]):
            connection.rollback()
            return None
        return started
