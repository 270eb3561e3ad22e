"""From the next step to an answer: a page under a handle, or a code.

OpenID Connect Core §3.1.2.3-6; RFC 6749 §4.1.2. https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2
"""

from flask import Response
from flask import request as http

from authserver.authorize.device_answer import allowed_page, refuse_device, too_late_page
from authserver.authorize.response import deliver, deliver_error, destination_of
from authserver.events import emit
from authserver.http import limits
from authserver.http.address import limit_key
from authserver.pages.browser import browser_digest
from authserver.pages.errors import TO_START, crowded_page, error_page, stale_page
from authserver.pages.language import gettext
from authserver.protocol.errors import RedirectedError
from authserver.protocol.interaction import Remembered, Step
from authserver.protocol.request.device_request import DeviceRequest
from authserver.server import Server
from authserver.signin.client_request import ClientRequest
from authserver.signin.next_step import acr_of, back_to, consent_of, next_step, page_of
from authserver.signin.session import BrowserSession, session_or_begun
from authserver.store import Connection, requests, sessions
from authserver.store.allowed import authorizations, codes, device_codes
from authserver.store.sessions import Session


def proceed(server: Server, asked: ClientRequest) -> Response:
    """Answer a request with a code or an error, or send the person to the page that asks what is missing."""
    return _proceed(server, asked, session_or_begun())


def _proceed(server: Server, asked: ClientRequest, session: BrowserSession | None) -> Response:
    request = asked.request
    try:
        consent = consent_of(server, session, asked)
        step = next_step(server, session, asked, consent=consent)
    except RedirectedError as error:
        return _refuse(server, asked, error)
    if step is Step.ISSUE and isinstance(session, Session):
        return _issue(server, asked, session, consent)
    handle = asked.handle
    if not handle:
        wait = 0 if session else _wait(server)
        if wait:
            return crowded_page(wait)
        try:
            with server.database.write() as connection:
                handle = requests.save(
                    connection, request, browser_digest(), server.now(), server.settings.request_lifetime
                )
        except RedirectedError as error:
            return _refuse(server, asked, error)
    elif not asked.is_claimed:
        now, lifetime = server.now(), server.settings.request_lifetime
        with server.database.write() as connection:
            if not requests.claim(connection, handle, browser_digest(), now, lifetime):
                # Another browser came with it at the same moment.
                return stale_page()
    return page_of(step, handle)


def _refuse(server: Server, asked: ClientRequest, error: RedirectedError) -> Response:
    if not asked.is_claimed:
        # RFC 9126 §7.3: an answer spends a pushed request, whichever it is.
        with server.database.write_one() as connection:
            if not requests.spend(connection, asked.handle, server.now()):
                return stale_page()
    request = asked.request
    if isinstance(request, DeviceRequest):
        return refuse_device(server, asked, request, error)
    return deliver_error(server, destination_of(asked.client, request), error)


def _wait(server: Server) -> int:
    key = limit_key(http.environ["authserver.address"])
    return limits.hit(server.limiter, server.settings.request_limit, "authorize", key)


def start(
    connection: Connection,
    server: Server,
    asked: ClientRequest,
    session: Session,
    consent: Remembered,
    acr: str | None,
) -> tuple[str, str] | None:
    """Write down the yes, in one statement; returns as `authorizations.start`. It rests on this consent, if on any.

    Its tokens say `acr`.
    """
    request, now, settings = asked.request, server.now(), server.settings
    offline = "offline_access" in request.scope
    return authorizations.start(
        connection,
        request,
        sub=session.sub,
        sid=session.sid,
        auth_time=session.auth_time,
        amr=session.amr,
        acr=acr,
        provider=session.provider,
        now=now,
        code_lifetime=_code_lifetime(server, asked),
        expires_at=now + settings.refresh_token_lifetime if offline else session.expires_at,
        consent=consent.row if asked.client.consent == "once" else (),
    )


def _code_lifetime(server: Server, asked: ClientRequest) -> int:
    # FAPI 2.0 §5.3.2.1: a minute at most.
    return min(server.settings.code_lifetime, 60) if asked.client.is_fapi else server.settings.code_lifetime


def _issue(server: Server, asked: ClientRequest, session: Session, consent: Remembered) -> Response:
    request = asked.request
    if isinstance(request, DeviceRequest):
        return _issue_to_device(server, asked, request, session, consent)
    started: tuple[str, str | None] | None
    acr = acr_of(server, session, asked)
    with server.database.write() as connection:
        if asked.authorization_id is not None:
            # A second click, or the back button: the first code was not used, so this one takes its place.
            key, lifetime = asked.authorization_id, _code_lifetime(server, asked)
            started = key, codes.reissue_code(connection, key, session.sub, server.now(), lifetime)
        else:
            started = start(connection, server, asked, session, consent, acr)
            if started and asked.handle and not requests.answer(connection, asked.handle, started[0]):
                connection.rollback()
                # Two clicks at once: the other one answered first, or refused for good.
                return back_to(asked.handle) if asked.is_claimed else stale_page()
    if started is None:
        return _again(server, asked, session)
    key, code = started
    if code is None:
        return error_page(
            400,
            gettext("You already signed in"),
            gettext("This sign-in was completed before, perhaps in another tab."),
            gettext("Go back to the application. If it doesn’t know you, sign in there again."),
            button=(f"{server.settings.issuer}/", gettext(TO_START)),
        )
    emit("authorization:request:granted", sub=session.sub, client_id=asked.client.client_id, authorization=key)
    return deliver(server, destination_of(asked.client, request), ("code", code))


def _again(server: Server, asked: ClientRequest, session: Session) -> Response:
    """Decide anew: the session ended since it was looked up, or what was allowed is another."""
    with server.database.read() as connection:
        is_alive = sessions.get(connection, session.sid, server.now()) is not None
    return _proceed(server, asked, session if is_alive else None)


def _issue_to_device(
    server: Server, asked: ClientRequest, request: DeviceRequest, session: Session, consent: Remembered
) -> Response:
    if asked.authorization_id is not None:
        return allowed_page(asked)
    acr = acr_of(server, session, asked)
    with server.database.write() as connection:
        started = start(connection, server, asked, session, consent, acr)
        if started and not requests.answer(connection, asked.handle, started[0]):
            connection.rollback()
            return back_to(asked.handle)
        if started and not device_codes.approve(connection, request, started[0], server.now()):
            connection.rollback()
            return too_late_page(server)
    if started is None:
        return _again(server, asked, session)
    emit("authorization:request:granted", sub=session.sub, client_id=asked.client.client_id, authorization=started[0])
    return allowed_page(asked)
