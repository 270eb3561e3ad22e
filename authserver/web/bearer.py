"""The access token of a request to one of this server's own endpoints, verified.

RFC 6750 §2, §3.1; RFC 9068 §4. https://www.rfc-editor.org/rfc/rfc9068#section-4
"""

from typing import Any

from authserver.keys import InvalidToken
from authserver.protocol import access_token
from authserver.protocol.bearer import invalid_token
from authserver.server import Request, Server


def verified_claims(server: Server, request: Request, token: str) -> dict[str, Any]:
    """The claims of an access token that this server signed and whose time is not over. Raises BearerError.

    Whom it is for, and whether what it hangs on still lives, is the caller's to look at. The client it was given to is
    noted for the log, of an expired token, too.
    """
    now = server.now()
    try:
        claims = server.keys.verify(token, access_token.TYPE, now=now)
    except InvalidToken as error:
        request.client_id = _client_of_expired(server, token, now)
        raise invalid_token(str(error)) from None
    request.client_id = str(claims.get("client_id"))
    return claims


def _client_of_expired(server: Server, token: str, now: int) -> str | None:
    try:
        return str(server.keys.verify(token, access_token.TYPE, now=now, ignore_expiry=True).get("client_id"))
    except InvalidToken:
        return None
