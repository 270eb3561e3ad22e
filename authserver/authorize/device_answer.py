"""The answer to a device: it polls for it, so the browser comes to rest on a page of ours.

RFC 8628 §3.3, §3.5. https://www.rfc-editor.org/rfc/rfc8628#section-3.3
"""

import structlog
from flask import Response

from authserver.events import emit
from authserver.pages.errors import error_page
from authserver.pages.fault import show
from authserver.pages.language import gettext
from authserver.protocol.errors import RedirectedError
from authserver.protocol.request.device_request import DeviceRequest
from authserver.server import Server
from authserver.signin.client_request import ClientRequest
from authserver.store.allowed import device_codes

_log = structlog.get_logger("authserver")


def allowed_page(asked: ClientRequest) -> Response:
    """The person allowed it, and is done here."""
    return show("authorize/device_allowed.html", client=asked.client)


def too_late_page(server: Server) -> Response:
    """The code expired while the person was on the way, or somebody else answered."""
    return error_page(
        400,
        gettext("This code no longer works"),
        gettext("It has expired, or was answered already, perhaps in another tab."),
        gettext("Look at your device. If it’s still waiting, start again there and enter the new code."),
        button=(f"{server.settings.issuer}/device", gettext("Enter a code")),
    )


def refuse_device(server: Server, asked: ClientRequest, request: DeviceRequest, error: RedirectedError) -> Response:
    """Have the device told at its next poll, and the person now: every error is `access_denied` there (§3.5)."""
    client_id = asked.client.client_id
    with server.database.write() as connection:
        device_codes.deny(connection, request, asked.authorization_id, server.now())
    _log.info("authorize:error", client_id=client_id, error=error.error, reason=error.description, detail=error.detail)
    emit("authorization:request:denied", client_id=client_id, reason=error.description)
    return show("authorize/device_refused.html", client=asked.client)
