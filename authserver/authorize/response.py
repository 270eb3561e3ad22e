"""The authorization response: 303 or form_post, with `state` and `iss`, success or error.

RFC 6749 §4.1.2; RFC 9207 §2; RFC 9700 §4.12 (303, never 307). https://www.rfc-editor.org/rfc/rfc9700#section-4.12
"""

from dataclasses import dataclass

import structlog
from flask import Response

from authserver.events import emit
from authserver.http.refusal import note_refusal
from authserver.pages.fault import show
from authserver.pages.headers import allow_form_to
from authserver.pages.redirect import see_other
from authserver.protocol.client.client import Client
from authserver.protocol.errors import RedirectedError
from authserver.protocol.request.authorization_request import BrowserRequest
from authserver.protocol.request.response_mode import redirect_location, response_fields
from authserver.server import Server

_log = structlog.get_logger("authserver")


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the response goes: a redirect URI that was resolved for this client, how, and with which `state`."""

    client: Client
    redirect_uri: str
    response_mode: str
    state: str | None


def destination_of(client: Client, request: BrowserRequest) -> Destination:
    """Where the response to a checked request goes."""
    return Destination(client, request.redirect_uri, request.response_mode, request.state)


def deliver(server: Server, to: Destination, *fields: tuple[str, str]) -> Response:
    """Send the browser to the client with the response."""
    answer = response_fields(server.settings.issuer, to.state, *fields)
    if to.response_mode == "form_post":
        allow_form_to(to.redirect_uri)
        return show("authorize/form_post.html", action=to.redirect_uri, fields=answer, client_name=to.client.name)
    return see_other(redirect_location(to.redirect_uri, answer))


def deliver_error(server: Server, to: Destination, error: RedirectedError) -> Response:
    """Tell the client of an error; the detail goes to the log."""
    client_id = to.client.client_id
    _log.info("authorize:error", client_id=client_id, error=error.error, reason=error.description, detail=error.detail)
    note_refusal(server, client_id, "/authorize", error.error, error.description, error.detail)
    if error.error == "access_denied":
        emit("authorization:request:denied", client_id=client_id, reason=error.description)
    return deliver(server, to, ("error", error.error), ("error_description", error.description))
