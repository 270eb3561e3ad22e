"""Who registers itself: clients beside those of clients.yaml, checked by the same rules.

RFC 7591 https://www.rfc-editor.org/rfc/rfc7591, RFC 7592 https://www.rfc-editor.org/rfc/rfc7592,
OpenID Connect Registration 1.0 https://openid.net/specs/openid-connect-registration-1_0.html
"""

from authserver.clients.registration.manage import manage
from authserver.clients.registration.register import register
from authserver.http.machine import Endpoint
from authserver.http.mount import Mount
from authserver.http.routes import LoadedEndpoints, Routes
from authserver.server import Server


def mounted(server: Server) -> Mount:
    """What answers, if the settings let it."""
    if server.settings.registration == "off":
        return Mount("clients")
    own = LoadedEndpoints({"/{client_id}": Endpoint(manage, methods=("GET", "PUT", "DELETE"))})
    return Mount(
        "clients",
        endpoints={"/register": Endpoint(register, methods=("POST",))},
        routes=(Routes(server.settings.path + "/register", lambda: own, among_others=True),),
    )
