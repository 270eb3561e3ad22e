"""What they ask: the authorization endpoint, the next step, consent, the response.

RFC 6749 §4.1 https://www.rfc-editor.org/rfc/rfc6749#section-4.1
OpenID Connect Core §3.1.2 https://openid.net/specs/openid-connect-core-1_0.html#AuthorizationEndpoint
RFC 8628 (device authorization) https://www.rfc-editor.org/rfc/rfc8628
RFC 9126 (pushed requests) https://www.rfc-editor.org/rfc/rfc9126
RFC 9207 (iss) https://www.rfc-editor.org/rfc/rfc9207
"""

from authserver.authorize.at_once import authorize_at_once
from authserver.authorize.consent import consent
from authserver.authorize.device import device
from authserver.authorize.device_authorization import PAGE, device_authorization
from authserver.authorize.endpoint import authorize, resume
from authserver.authorize.logo import logo
from authserver.authorize.pushed import push
from authserver.authorize.refused import refused
from authserver.http.machine import Endpoint
from authserver.http.mount import READ, READ_AND_SEND, Mount
from authserver.server import Server

PAGES = (
    ("/authorize", authorize, READ_AND_SEND),
    ("/authorize/<handle>", resume, READ),
    ("/consent", consent, READ_AND_SEND),
    ("/refused", refused, READ_AND_SEND),
    (PAGE, device, READ_AND_SEND),
    ("/logo/<digest>/<path:client_id>", logo, READ),
)
ENDPOINTS = {
    "/par": Endpoint(push, methods=("POST",), cors="registered"),
    "/device_authorization": Endpoint(device_authorization, methods=("POST",)),
}


def mount(_server: Server) -> Mount:
    return Mount("authorize", endpoints=ENDPOINTS, pages=PAGES, at_once={"/authorize": authorize_at_once})
