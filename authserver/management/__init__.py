"""How this server is managed over HTTP: people, roles, groups, sessions, authorizations, events, keys, clients.

It is the server's own resource server: its access tokens for the audience `<issuer>/api/v1`, and its permissions.
RFC 6750 https://www.rfc-editor.org/rfc/rfc6750
RFC 9110 §13 (preconditions) https://www.rfc-editor.org/rfc/rfc9110#section-13
RFC 9457 (problems) https://www.rfc-editor.org/rfc/rfc9457
OpenAPI 3.1 https://spec.openapis.org/oas/v3.1.1.html
"""

from authserver.http.mount import Mount
from authserver.http.routes import LoadedEndpoints, Routes
from authserver.protocol import management
from authserver.server import Server


def mount(server: Server) -> Mount:
    """Every path of the API, and of its description: made when one is asked for, so that no start waits for it."""

    def load() -> LoadedEndpoints:
        from authserver.management.call.dispatch import unknown
        from authserver.management.operations import every_endpoint

        return LoadedEndpoints(every_endpoint(server.settings.issuer), unknown())

    return Mount("management", routes=(Routes(server.settings.path + management.PATH, load),))
