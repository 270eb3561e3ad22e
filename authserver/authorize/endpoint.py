"""`/authorize`: a request comes in and is answered at once, or goes under a handle to the page that asks.

RFC 6749 §3.1, §4.1.1; OpenID Connect Core §3.1.2. https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest
"""

import structlog
from flask import Response, request

from authserver.authorize.answer import proceed
from authserver.authorize.pushed import pushed_request
from authserver.authorize.response import deliver_error
from authserver.authorize.validate import resolve, validate
from authserver.http.refusal import as_logged, note_refusal
from authserver.pages.browser import browser_digest
from authserver.pages.current import current_server
from authserver.pages.errors import MISTAKEN, TELL_DEVELOPERS, TO_START, error_page, stale_page
from authserver.pages.forgery import accept_from_elsewhere
from authserver.pages.language import gettext
from authserver.pages.redirect import as_get
from authserver.protocol.client.client import Client
from authserver.protocol.errors import RedirectedError, ShownError
from authserver.protocol.parameters import Parameters, parse
from authserver.protocol.request import redirect_uri
from authserver.protocol.request.device_request import GRANT_TYPE, DeviceRequest, WaitingRequest
from authserver.signin import client_request

_log = structlog.get_logger("authserver")


@accept_from_elsewhere
def authorize() -> Response:
    """Answer an authorization request, sent by GET or POST."""
    server = current_server()
    if request.method == "POST":
        return as_get("/authorize", gettext("An authorization request by POST is a form, with nothing in its query."))
    parameters = parse(request.query_string)
    try:
        pushed = pushed_request(server, parameters, browser_digest)
        if pushed is not None:
            return proceed(server, pushed)
        unchecked = resolve(server, parameters)
    except ShownError as error:
        return _show(error, parameters)
    try:
        asked = validate(server, unchecked)
    except RedirectedError as error:
        return deliver_error(server, unchecked.destination, error)
    return proceed(server, asked)


def resume(handle: str) -> Response:
    """Go on with a request after a page: every page returns here, and only here."""
    server = current_server()
    asked = client_request.find(handle)
    # Asked anew: the URI may have been taken out of clients.yaml while the person was on a page.
    if asked is None or not _is_registered(asked.client, asked.request):
        return stale_page()
    return proceed(server, asked)


def _is_registered(client: Client, asked: WaitingRequest) -> bool:
    if isinstance(asked, DeviceRequest):
        return GRANT_TYPE in client.grant_types
    return redirect_uri.matches(client.redirect_uris, asked.redirect_uri, client.type)


def _show(error: ShownError, parameters: Parameters) -> Response:
    claimed = parameters.get("client_id")
    _log.warning(
        "authorize:shown",
        error=error.error,
        reason=error.description,
        client_id=as_logged(current_server(), claimed) if claimed is not None else None,
        detail=error.detail,
        faults=[name[:64] for name in parameters.faults],
    )
    note_refusal(current_server(), claimed, "/authorize", error.error, error.description, error.detail)
    if error.error == "invalid_request_uri":
        # What a person may have done: gone back, or waited.
        return stale_page()
    return error_page(
        400,
        gettext("This link doesn’t work"),
        gettext(MISTAKEN, description=gettext(error.description)),
        gettext(TELL_DEVELOPERS),
        code=error.error,
        button=(f"{current_server().settings.issuer}/", gettext(TO_START)),
    )
