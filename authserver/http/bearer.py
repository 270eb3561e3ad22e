"""The access token of a request to one of this server's own endpoints, verified.

RFC 6750 §2, §3.1; RFC 9068 §4. https://www.rfc-editor.org/rfc/rfc9068#section-4
"""

from typing import Any

from authserver.keys import ExpiredToken, InvalidToken
from authserver.protocol.token import access_token
from authserver.protocol.token.bearer import invalid_token
from authserver.server import Request, Server


def verified_claims(server: Server, request: Request, token: str) -> dict[str, Any]:
    """The claims of an access token that this server signed and whose time is not over. Raises BearerError.

    Whom it is for, and whether what it hangs on still lives, is the caller's to look at. The client it was given to is
    noted for the log, of an expired token, too.
    """
    try:
        claims = server.keys.verify(token, access_token.TYPE, now=server.now())
    except InvalidToken as error:
        if isinstance(error, ExpiredToken):
            request.client_id = str(error.claims.get("client_id"))
        raise invalid_token(str(error)) from None
    request.client_id = str(claims.get("client_id"))
    return claims
