"""How this server is managed over HTTP: people, roles, groups, sessions, authorizations, events, keys, clients.

It is the server's own resource server: its access tokens for the audience `<issuer>/api/v1`, and its permissions.
RFC 6750 https://www.rfc-editor.org/rfc/rfc6750
RFC 9110 §13 (preconditions) https://www.rfc-editor.org/rfc/rfc9110#section-13
RFC 9457 (problems) https://www.rfc-editor.org/rfc/rfc9457
OpenAPI 3.1 https://spec.openapis.org/oas/v3.1.1.html
"""

from authserver.management import access, events, keys, people, registered, roles
from authserver.management.description import describe
from authserver.management.dispatch import endpoints, unknown
from authserver.protocol import management
from authserver.server import Server
from authserver.web.routes import Routes

OPERATIONS = (
    *people.OPERATIONS,
    *roles.OPERATIONS,
    *access.OPERATIONS,
    *registered.OPERATIONS,
    *events.OPERATIONS,
    *keys.OPERATIONS,
)


def routes(server: Server) -> Routes:
    """Every path of the API, and of its description."""
    found = endpoints(OPERATIONS) | {"/openapi.json": describe(OPERATIONS, server.settings.issuer)}
    return Routes(server.settings.path + management.PATH, found, unknown())
