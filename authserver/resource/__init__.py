"""How tokens are used at this server: userinfo, introspection, revocation; and what each API says of itself.

RFC 6750 https://www.rfc-editor.org/rfc/rfc6750
RFC 7009 https://www.rfc-editor.org/rfc/rfc7009
RFC 7662 https://www.rfc-editor.org/rfc/rfc7662
RFC 9701 https://www.rfc-editor.org/rfc/rfc9701
RFC 9728 https://www.rfc-editor.org/rfc/rfc9728
OpenID Connect Core §5.3 https://openid.net/specs/openid-connect-core-1_0.html#UserInfo
"""

from authserver.http.machine import Endpoint
from authserver.http.mount import Mount
from authserver.resource import metadata
from authserver.resource.introspection import introspect
from authserver.resource.revocation import revoke
from authserver.resource.userinfo import userinfo
from authserver.server import Server

ENDPOINTS = {
    "/userinfo": Endpoint(userinfo, methods=("GET", "POST"), cors="registered"),
    "/introspect": Endpoint(introspect, methods=("POST",)),
    "/revoke": Endpoint(revoke, methods=("POST",), cors="registered"),
}


def mount(server: Server) -> Mount:
    path = server.settings.path
    return Mount("resource", at_root=metadata.own(path), routes=(metadata.routes(path),), endpoints=ENDPOINTS)
