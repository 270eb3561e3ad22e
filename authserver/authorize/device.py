"""`/device`: where a person enters the code that a device shows, which leads to the request that waits under it.

RFC 8628 §3.3, §3.3.1, §5.1, §5.4. https://www.rfc-editor.org/rfc/rfc8628#section-3.3
"""

from flask import Response, request

from authserver.events import emit
from authserver.http import limits
from authserver.http.address import limit_key
from authserver.pages.browser import browser_digest
from authserver.pages.current import current_server
from authserver.pages.fault import Fault, show, throttled_codes
from authserver.protocol.request.device_request import DeviceRequest, as_shown, as_typed, user_code_digests
from authserver.server import Server
from authserver.signin.next_step import back_to
from authserver.signin.session import current_person, current_session
from authserver.store import requests
from authserver.store.allowed import device_codes

UNKNOWN = Fault("No device is waiting under this code. Check it, or start again on the device to get a new one.")
NO_CODE = Fault("That isn’t a code. It has eight letters, such as %(example)s.", values={"example": "WDJB-MJHT"})


class RefusedCodeError(Exception):
    """A code that leads nowhere; `fault` is what the person is told."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class UnknownCodeError(RefusedCodeError):
    """A wrong guess."""


def device() -> Response:
    """Ask for the code, or take it. A link that brings one changes nothing: the person compares it and goes on."""
    current_person()
    if request.method == "GET":
        linked = as_typed(request.args.get("user_code", ""))
        return _page(as_shown(linked) if linked else "", is_linked=linked is not None)
    typed, server = request.form.get("user_code", ""), current_server()
    try:
        asked = _find(server, typed)
    except RefusedCodeError as refused:
        return _page(typed[:20], fault=refused.fault)
    with server.database.write() as connection:
        handle = requests.save(connection, asked, browser_digest(), server.now(), server.settings.request_lifetime)
    return back_to(handle)


def _find(server: Server, typed: str) -> DeviceRequest:
    """The request that waits under a code. Raises RefusedCodeError.

    Wrong ones are counted for the address, and for the account of who is signed in. Who is signed in is not refused
    for what others do at the same address.
    """
    code, session = as_typed(typed), current_session()
    if code is None:
        raise RefusedCodeError(NO_CODE)
    settings, address = server.settings, limit_key(request.environ["authserver.address"])
    with limits.failures_alone(server.limiter, UnknownCodeError) as tries:
        wait = tries.hit(settings.signin_limit_address, "user-code", address)
        if session is not None:
            wait = tries.hit(settings.signin_limit_account, "user-code", "account", session.sub)
        if wait:
            raise RefusedCodeError(throttled_codes(wait))
        digests = user_code_digests(code, server.master.derive("user code"))
        with server.database.read() as connection:
            asked = device_codes.find(connection, digests, server.now())
        if asked is None:
            emit("authorization:user_code:failed", sub=session.sub if session else None)
            raise UnknownCodeError(UNKNOWN)
    return asked


def _page(code: str, *, is_linked: bool = False, fault: Fault | None = None) -> Response:
    return show("authorize/device.html", code=code, is_linked=is_linked, session=current_session(), fault=fault)
