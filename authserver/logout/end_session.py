"""`/end_session`: a client asks to sign its person out.

OpenID Connect RP-Initiated Logout 1.0 §2. Only a valid hint of the very session acts without asking, also where a
server calls with it instead of the person's browser; images, links and forms of other sites get a question instead.
https://openid.net/specs/openid-connect-rpinitiated-1_0.html
"""

from typing import Any
from urllib.parse import urlencode

import structlog
from flask import Response, request

from authserver import people
from authserver.http.refusal import as_logged
from authserver.keys import InvalidToken, UnknownKey
from authserver.pages.browser import forget_browser
from authserver.pages.current import current_server
from authserver.pages.errors import MISTAKEN, TELL_DEVELOPERS, TO_START, error_page
from authserver.pages.fault import show
from authserver.pages.forgery import accept_from_elsewhere
from authserver.pages.headers import allow_form_to
from authserver.pages.language import gettext
from authserver.pages.redirect import as_get, see_other
from authserver.protocol.client.client import Client
from authserver.protocol.end_session import LogoutRequest, check_logout
from authserver.protocol.errors import ShownError
from authserver.protocol.parameters import Parameters, parse
from authserver.protocol.token import id_token
from authserver.server import Server
from authserver.signin.session import clear_cookie, current_person, current_session
from authserver.store import Connection, sessions
from authserver.store.sessions import Session

FIELDS = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state")
_log = structlog.get_logger("authserver")


@accept_from_elsewhere
def end_session() -> Response:
    """Sign out at once where the hint vouches for it; else ask the person."""
    server, session = current_server(), current_session()
    if request.method == "POST":
        return as_get("/end_session", gettext("A logout request by POST is a form, with nothing in its query."))
    parameters = parse(request.query_string)
    try:
        asked = _check(server, parameters)
    except ShownError as error:
        return _show(server, error, parameters)
    if asked.unregistered is not None:
        _log_unregistered(asked, asked.unregistered)
    if session is None or (asked.trusted and asked.hinted_sid == session.sid):
        return _end(server, session, asked)
    return _ask(server, asked, parameters)


def confirmed() -> Response:
    """Take the person's answer to the question."""
    server, session = current_server(), current_session()
    # The CSRF check has read the body already; what it made of it is put back together.
    parameters = parse(urlencode([*request.form.items(multi=True)]).encode())
    stayed = parameters.get("decision") != "sign-out"
    try:
        asked = _check(server, parameters)
    except ShownError as error:
        return _show(server, error, parameters)
    if stayed and asked.unregistered is not None:
        return _nowhere(asked.client, gettext("You’re still signed in"))
    if stayed:
        return show("logout/done.html", stayed=True, client=asked.client, next_url=asked.target)
    return _end(server, session, asked, confirmed=True)


def _check(server: Server, parameters: Parameters) -> LogoutRequest:
    hint: dict[str, Any] | None = None
    token = parameters.get("id_token_hint")
    if token is not None:
        try:
            # §2: an ID token whose time is over still says who asks.
            hint = _as_stored(server, server.keys.verify(token, id_token.TYPE, now=server.now(), ignore_expiry=True))
        except UnknownKey as error:
            # An ID token of ours can outlive its key, while its session may be remembered for a month: it says nothing
            # any more, and the person is asked as without one.
            _log.info("logout:hint_unknown", detail=str(error))
        except InvalidToken as error:
            raise ShownError(
                "invalid_request", "id_token_hint is not an ID token of this server.", detail=str(error)
            ) from None
    return check_logout(parameters, hint, server.registry)


def _as_stored(server: Server, hint: dict[str, Any]) -> dict[str, Any]:
    """The claims of a hint with person and session as we know them, whatever its client knows them by."""
    client = server.client(str(hint.get("aud")))
    if client is None or client.sector is None:
        return hint
    sub, sid = (server.pairwise.meant(client, str(hint.get(name)), name) for name in ("sub", "sid"))
    return hint | {"sub": sub or hint["sub"], "sid": sid or hint.get("sid")}


def _end(server: Server, session: Session | None, asked: LogoutRequest, *, confirmed: bool = False) -> Response:
    if session is not None or asked.trusted:
        with server.database.write() as connection:
            ending = session or _hinted(connection, server, asked)
            if ending is not None:
                client_id = asked.client.client_id if asked.client else None
                people.log_out(people.change_of(server, connection), ending, client_id)
    # §3: without a hint the person's own yes confirms that this client asks.
    target = asked.target if asked.trusted or confirmed else None
    forget_browser()
    upstream = server.leave_upstream(session, target) if session else None
    if upstream is not None:
        response = upstream
    elif target is not None:
        response = see_other(target)
    elif asked.unregistered is not None:
        response = _nowhere(asked.client, gettext("You’re signed out"))
    else:
        # §3: unconfirmed no redirection; a link that the person may follow is none.
        response = show("logout/done.html", stayed=False, client=asked.client, next_url=asked.target)
    clear_cookie(response, server.settings)
    return response


def _hinted(connection: Connection, server: Server, asked: LogoutRequest) -> Session | None:
    """The session of the hint, where a request without the browser's cookie brings it: the client's server calls."""
    session = sessions.get(connection, asked.hinted_sid, server.now()) if asked.hinted_sid else None
    return session if session is not None and session.sub == asked.hinted_sub else None


def _nowhere(client: Client | None, title: str) -> Response:
    """Where the way back is none: the error page says why, since people wait for the application to come back."""
    explanation = (
        gettext(
            "%(client)s asked to return to an address that is not registered for it, so this page leads nowhere.",
            client=client.name,
        )
        if client is not None
        else gettext("The application did not say which one it is, so this page leads nowhere.")
    )
    return error_page(400, title, explanation, gettext(TELL_DEVELOPERS), code="invalid_request")


def _log_unregistered(asked: LogoutRequest, received: str) -> None:
    client = asked.client
    registered = list(client.post_logout_redirect_uris) if client is not None else []
    _log.warning(
        "logout:unregistered",
        error="invalid_request",
        reason="post_logout_redirect_uri is not one that is registered for the client.",
        client_id=client.client_id if client is not None else None,
        detail=f"received {received[:500]!r}, registered {registered!r}",
    )


def _ask(server: Server, asked: LogoutRequest, parameters: Parameters) -> Response:
    if asked.target is not None:
        allow_form_to(asked.target)
    return show(
        "logout/confirm.html",
        client=asked.client,
        person=current_person(),
        action=f"{server.settings.issuer}/end_session/confirmed",
        fields=[(name, parameters.values[name]) for name in FIELDS if name in parameters.values],
    )


def _show(server: Server, error: ShownError, parameters: Parameters) -> Response:
    claimed = parameters.get("client_id")
    _log.warning(
        "logout:shown",
        error=error.error,
        reason=error.description,
        client_id=as_logged(server, claimed) if claimed is not None else None,
        detail=error.detail,
    )
    return error_page(
        400,
        gettext("This link doesn’t work"),
        gettext(MISTAKEN, description=gettext(error.description)),
        gettext("You can sign out on the start page."),
        code=error.error,
        button=(f"{server.settings.issuer}/", gettext(TO_START)),
    )
