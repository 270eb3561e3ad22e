"""`POST /device_authorization`: a client that has no browser asks, and gets the codes for itself and for the person.

RFC 8628 §3.1, §3.2. https://www.rfc-editor.org/rfc/rfc8628#section-3.1
"""

import secrets

from authserver.http import limits
from authserver.http.address import limit_key
from authserver.protocol.client.authentication import METHODS
from authserver.protocol.client.client import Client
from authserver.protocol.digest import digest
from authserver.protocol.errors import ProtocolError
from authserver.protocol.request.device_request import (
    GRANT_TYPE,
    as_shown,
    check_device_request,
    new_user_code,
    user_code_digests,
)
from authserver.server import Reply, Request, Server, json_reply
from authserver.store.allowed import device_codes

# Of 25 billion codes hardly any is in use: to meet one three times in a row is a fault elsewhere.
MOST_DRAWN = 3
# The page where a person enters the code, below the issuer.
PAGE = "/device"


def device_authorization(server: Server, request: Request) -> Reply:
    """Answer a device authorization request. Raises ProtocolError."""
    client = server.authenticate_client(request, METHODS, "device_authorization")
    if GRANT_TYPE not in client.grant_types:
        raise ProtocolError("unauthorized_client", "The client is not registered for the device authorization grant.")
    _limit(server, client, request.address)
    device_code, settings = secrets.token_urlsafe(32), server.settings
    asked = check_device_request(
        request.parameters,
        client,
        server.registry,
        settings.issuer,
        device=digest(device_code),
        address=request.address,
        now=server.now(),
    )
    keys = server.master.derive("user code")
    for _ in range(MOST_DRAWN):
        user_code = new_user_code(secrets.choice)
        with server.database.write_one(is_brief=True) as connection:
            (newest, *_) = user_code_digests(user_code, keys[:1])
            kept = device_codes.start(connection, asked, newest, asked.asked_at, settings.device_code_lifetime)
        if kept:
            return _answer(server, device_code, as_shown(user_code))
    raise ProtocolError("server_error", "No free user code was found. Try again.", status=503)


def _limit(server: Server, client: Client, address: str) -> None:
    # Whoever knows the id of a public client can have rows stored; one with a secret is known, and speaks for many.
    wait = 0
    if client.is_public:
        wait = limits.hit(server.limiter, server.settings.request_limit, "device", limit_key(address))
    if wait:
        raise ProtocolError(
            "temporarily_unavailable",
            "Too many devices asked from this address.",
            status=429,
            headers=(("Retry-After", str(wait)),),
        )


def _answer(server: Server, device_code: str, user_code: str) -> Reply:
    page = server.settings.issuer + PAGE
    return json_reply(
        {
            "device_code": device_code,
            "user_code": user_code,
            "verification_uri": page,
            "verification_uri_complete": f"{page}?user_code={user_code}",
            "expires_in": server.settings.device_code_lifetime,
            "interval": device_codes.INTERVAL,
        }
    )
