"""What is issued: the token endpoint, one file a grant.

RFC 6749 §3.2 https://www.rfc-editor.org/rfc/rfc6749#section-3.2
RFC 9068 (JWT access tokens) https://www.rfc-editor.org/rfc/rfc9068
OpenID Connect Core §3.1.3 https://openid.net/specs/openid-connect-core-1_0.html#TokenEndpoint
"""

from authserver.server import Server
from authserver.token.authorization_code import AuthorizationCodeGrant
from authserver.token.client_credentials import ClientCredentialsGrant
from authserver.token.endpoint import token
from authserver.token.refresh_token import RefreshTokenGrant
from authserver.web.machine import Endpoint

GRANTS = (AuthorizationCodeGrant, RefreshTokenGrant, ClientCredentialsGrant)
ENDPOINTS = {"/token": Endpoint(token, methods=("POST",), cors="registered")}


def register(server: Server) -> None:
    for grant in GRANTS:
        server.register_grant(grant)
