"""From the next step to an answer: a page under a handle, or a code.

OpenID Connect Core §3.1.2.3-6; RFC 6749 §4.1.2. https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2
"""

from flask import Response
from flask import request as http
from sqlalchemy import Connection

from authserver.access.effective import effective_roles
from authserver.authorize.asked import Asked
from authserver.authorize.response import deliver, deliver_error
from authserver.events import emit
from authserver.http import limits
from authserver.http.address import limit_key
from authserver.pages.browser import browser_digest
from authserver.pages.errors import TO_START, crowded_page, error_page
from authserver.pages.language import gettext
from authserver.pages.redirect import see_other
from authserver.protocol.errors import RedirectedError
from authserver.protocol.interaction import NOTHING_DONE, Remembered, SignedIn, Step, next_step
from authserver.server import Server
from authserver.signin.session import current_session
from authserver.store import requests, users
from authserver.store.allowed import authorizations, consents
from authserver.store.sessions import Session

PAGES = {
    Step.SIGN_IN: "/sign-in",
    Step.SIGN_UP: "/sign-up",
    Step.SELECT_ACCOUNT: "/sign-in",
    Step.CONSENT: "/consent",
    Step.REFUSE: "/refused",
}


def proceed(server: Server, asked: Asked) -> Response:
    """Answer a request with a code or an error, or send the person to the page that asks what is missing."""
    return _proceed(server, asked, current_session())


def _proceed(server: Server, asked: Asked, session: Session | None) -> Response:
    request = asked.request
    try:
        step = decide(server, asked, session)
    except RedirectedError as error:
        return deliver_error(server, asked.destination, error)
    if step is Step.ISSUE and session is not None:
        return _issue(server, asked, session)
    handle = asked.handle
    if handle is None:
        wait = 0 if session else _wait(server)
        if wait:
            return crowded_page(wait)
        try:
            with server.database.write() as connection:
                handle = requests.save(
                    connection, request, browser_digest(), server.now(), server.settings.request_lifetime
                )
        except RedirectedError as error:
            return deliver_error(server, asked.destination, error)
    return see_other(f"{server.settings.issuer}{PAGES[step]}?request={handle}")


def _wait(server: Server) -> int:
    key = limit_key(http.environ["authserver.address"])
    return limits.hit(server.limiter, server.settings.request_limit, "authorize", key)


def decide(server: Server, asked: Asked, session: Session | None, consent: Remembered | None = None) -> Step:
    """The next step of a request; `consent` where it is known already.

    Raises RedirectedError where the client must hear of an error.
    """
    person, client = None, asked.client
    if session is not None:
        with server.database.read() as connection:
            known = users.get(connection, session.sub) if client.allowed_roles is not None else None
            if consent is None and client.consent == "once":
                consent = consents.find(connection, session.sub, client.client_id)
        upstream = server.providers.get(session.provider) if session.provider else None
        if upstream is not None and upstream.skip_consent:
            consent = Remembered(frozenset(asked.request.asked_scope), frozenset(asked.request.audiences))
        given = known.roles_in(session.provider, server.now()) if known else ()
        roles = effective_roles(server.registry, given, known.groups) if known else ()
        person = SignedIn(session.sid, session.sub, session.auth_time, roles, session.provider, session.acr)
    progress = asked.pending.progress if asked.pending else NOTHING_DONE
    return next_step(asked.request, client, person, consent or Remembered(), server.now(), progress)


def start(connection: Connection, server: Server, asked: Asked, session: Session) -> tuple[str, str] | None:
    """Write down the yes, in one statement; returns as `authorizations.start`."""
    request, now, settings = asked.request, server.now(), server.settings
    offline = "offline_access" in request.scope
    return authorizations.start(
        connection,
        request,
        sub=session.sub,
        sid=session.sid,
        auth_time=session.auth_time,
        amr=session.amr,
        acr=session.acr,
        provider=session.provider,
        now=now,
        code_lifetime=settings.code_lifetime,
        expires_at=now + settings.refresh_token_lifetime if offline else session.expires_at,
    )


def _issue(server: Server, asked: Asked, session: Session) -> Response:
    started: tuple[str, str | None] | None
    with server.database.write() as connection:
        if asked.pending is not None and asked.pending.authorization_id is not None:
            # A second click, or the back button: the first code was not used, so this one takes its place.
            key, lifetime = asked.pending.authorization_id, server.settings.code_lifetime
            started = key, authorizations.reissue_code(connection, key, session.sub, server.now(), lifetime)
        else:
            started = start(connection, server, asked, session)
            if started and asked.handle is not None and not requests.answer(connection, asked.handle, started[0]):
                connection.rollback()
                return _answered_meanwhile(server, asked)
    if started is None:
        # The session ended since it was looked up: the person is asked who they are.
        return _proceed(server, asked, None)
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
    return deliver(server, asked.destination, ("code", code))


def _answered_meanwhile(server: Server, asked: Asked) -> Response:
    # Two clicks at once: the other one answered first, or refused for good.
    return see_other(f"{server.settings.issuer}/authorize/{asked.handle}")
