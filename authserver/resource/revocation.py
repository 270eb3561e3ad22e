"""`POST /revoke`: a client gives back its own token. What is unknown is 200; what is another's stays as it is.

RFC 7009 §2. A refresh token ends its authorization with every token of it; an access token ends alone.
https://www.rfc-editor.org/rfc/rfc7009#section-2
"""

from typing import Any

from authlib.oauth2.rfc6749.endpoint import Endpoint, EndpointRequest

from authserver.events import emit
from authserver.keys import InvalidToken
from authserver.keys.signed_token import SKEW
from authserver.protocol.client import Client
from authserver.protocol.client_authentication import METHODS
from authserver.protocol.errors import ProtocolError
from authserver.protocol.token import access_token
from authserver.server import Reply, Request, Server
from authserver.store.allowed import access_tokens, authorizations, refresh_tokens


class RevocationEndpoint(Endpoint):  # type: ignore[misc]  # Authlib is untyped
    ENDPOINT_NAME = "revocation"
    server: Server

    def validate_request(self, request: Request) -> EndpointRequest:
        client = self.server.authenticate_client(request, METHODS, self.ENDPOINT_NAME)
        if request.parameters.get("token") is None:
            raise ProtocolError("invalid_request", "The parameter token is missing.")
        return EndpointRequest(request, client)

    def create_response(self, validated_request: EndpointRequest) -> tuple[int, bytes, list[tuple[str, str]]]:
        # RFC 7009 §2.1: token_type_hint only speeds a search; the kind of token shows in its form.
        token = validated_request.request.parameters.get("token")
        revoke_one = _revoke_access_token if "." in token else _revoke_refresh_token
        revoke_one(self.server, validated_request.client, token)
        return 200, b"", [("Cache-Control", "no-store")]


def revoke(server: Server, request: Request) -> Reply:
    """Answer a revocation request."""
    return server.create_endpoint_response("revocation", request)


def _revoke_refresh_token(server: Server, client: Client, token: str) -> None:
    with server.database.write() as connection:
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
    with server.database.write() as connection:
        # A machine whose clock is ahead forgets it no sooner than the token has expired by the clock of every other.
        access_tokens.revoke(connection, claims["jti"], claims["exp"] + SKEW)
    emit("token:access_token:revoked", sub=claims["sub"], client_id=client.client_id, jti=claims["jti"])
