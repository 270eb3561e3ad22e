"""`POST /revoke`: a client gives back its own token. What is unknown is 200; what is another's stays as it is.

RFC 7009 §2. A refresh token ends its authorization with every token of it; an access token ends alone.
https://www.rfc-editor.org/rfc/rfc7009#section-2
"""

from typing import Any

from authserver.events import emit
from authserver.keys import InvalidToken
from authserver.keys.signed_token import SKEW
from authserver.protocol.client.authentication import METHODS
from authserver.protocol.client.client import Client
from authserver.protocol.errors import ProtocolError
from authserver.protocol.token import access_token
from authserver.server import NO_STORE, Reply, Request, Server
from authserver.store.allowed import access_tokens, authorizations, refresh_tokens


def revoke(server: Server, request: Request) -> Reply:
    """Answer a revocation request."""
    client = server.authenticate_client(request, METHODS, "revocation")
    token = request.parameters.get("token")
    if token is None:
        raise ProtocolError("invalid_request", "The parameter token is missing.")
    # RFC 7009 §2.1: token_type_hint only speeds a search; the kind of token shows in its form.
    revoke_one = _revoke_access_token if "." in token else _revoke_refresh_token
    revoke_one(server, client, token)
    return Reply(200, headers=NO_STORE)


def _revoke_refresh_token(server: Server, client: Client, token: str) -> None:
    with server.database.write(is_brief=True) as connection:
        authorization_id = refresh_tokens.find(connection, token, client.client_id)
        revoked = authorization_id is not None and authorizations.revoke(connection, authorization_id, server.now())
    if revoked:
        emit("token:refresh_token:revoked", client_id=client.client_id, authorization=authorization_id)


def _revoke_access_token(server: Server, client: Client, token: str) -> None:
    try:
        claims: dict[str, Any] = server.keys.verify(token, access_token.TYPE, now=server.now())
    except InvalidToken:
        return
    if claims.get("client_id") != client.client_id:
        return
    with server.database.write(is_brief=True) as connection:
        # A machine whose clock is ahead forgets it no sooner than the token has expired by the clock of every other.
        access_tokens.revoke(connection, claims["jti"], claims["exp"] + SKEW)
    sub = server.pairwise.meant(client, claims["sub"]) or claims["sub"]
    emit("token:access_token:revoked", sub=sub, client_id=client.client_id, jti=claims["jti"])
