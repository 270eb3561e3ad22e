"""What is issued: the token endpoint, client authentication, one file a grant.

RFC 6749 §2.3, §3.2 https://www.rfc-editor.org/rfc/rfc6749
RFC 8693 (token exchange) https://www.rfc-editor.org/rfc/rfc8693
RFC 7523 (JWT bearer) https://www.rfc-editor.org/rfc/rfc7523
RFC 9068 (JWT access tokens) https://www.rfc-editor.org/rfc/rfc9068
RFC 8628 (device authorization) https://www.rfc-editor.org/rfc/rfc8628
OpenID Connect Core §3.1.3 https://openid.net/specs/openid-connect-core-1_0.html#TokenEndpoint
"""

from authserver.http.machine import Endpoint
from authserver.http.mount import Mount
from authserver.server import Server
from authserver.token.authorization_code import AuthorizationCodeGrant
from authserver.token.client_authentication import ClientAuthentication
from authserver.token.client_credentials import ClientCredentialsGrant
from authserver.token.device_code import DeviceCodeGrant
from authserver.token.endpoint import token
from authserver.token.jwt_bearer import JwtBearerGrant
from authserver.token.refresh_token import RefreshTokenGrant
from authserver.token.token_exchange import TokenExchangeGrant

GRANTS = (
    AuthorizationCodeGrant,
    RefreshTokenGrant,
    ClientCredentialsGrant,
    DeviceCodeGrant,
    TokenExchangeGrant,
    JwtBearerGrant,
)
ENDPOINTS = {"/token": Endpoint(token, methods=("POST",), cors="registered")}


def mount(server: Server) -> Mount:
    ClientAuthentication(server).register()
    return Mount("token", endpoints=ENDPOINTS, grants=GRANTS)
