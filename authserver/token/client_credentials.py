"""The client credentials grant: a service by itself, with the roles that clients.yaml gives it.

RFC 6749 §4.4; RFC 9700 §2.6 (never for public clients). https://www.rfc-editor.org/rfc/rfc6749#section-4.4
"""

from typing import Any

from authserver.access.effective import all_roles
from authserver.protocol.client.client import Client
from authserver.protocol.errors import ProtocolError
from authserver.protocol.request.resource import registered_audiences, token_audiences
from authserver.protocol.token.api_scopes import scope_of_service
from authserver.protocol.token.granted_claims import granted_permissions
from authserver.token.grant import TokenGrant
from authserver.token.issue import issue_for_client


class ClientCredentialsGrant(TokenGrant):
    GRANT_TYPE = "client_credentials"

    def tokens(self, client: Client) -> dict[str, Any]:
        if client.is_public:
            raise ProtocolError("unauthorized_client", "A public client cannot use client_credentials.")
        server, parameters = self.server, self.request.parameters
        registry, requested = server.registry, parameters.get("scope")
        open_to_it = registered_audiences(client, registry, server.settings.issuer)
        audiences = token_audiences(parameters.resources, open_to_it)
        roles = all_roles(registry, client.roles)
        scope: tuple[str, ...] = ()
        if requested is not None:
            api = registry.audiences.get(audiences[0])
            given = granted_permissions(registry, api, roles) if api else ()
            scope = scope_of_service(requested, api, given, registry.known)
        return issue_for_client(server, client, roles, audiences, scope)
