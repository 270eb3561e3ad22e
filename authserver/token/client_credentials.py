"""The client credentials grant: a service by itself, with the roles that clients.yaml gives it.

RFC 6749 §4.4; RFC 9700 §2.6 (never for public clients). https://www.rfc-editor.org/rfc/rfc6749#section-4.4
"""

from typing import Any

from authserver.access.effective import all_roles
from authserver.protocol.client.client import Client
from authserver.protocol.errors import ProtocolError
from authserver.protocol.token.reach import reach_of_service
from authserver.token.grant import TokenGrant
from authserver.token.issue import issue_for_client, key_for_access_token


class ClientCredentialsGrant(TokenGrant):
    GRANT_TYPE = "client_credentials"

    def tokens(self, client: Client) -> dict[str, Any]:
        if client.is_public:
            raise ProtocolError("unauthorized_client", "A public client cannot use client_credentials.")
        server, parameters = self.server, self.request.parameters
        registry, issuer = server.registry, server.settings.issuer
        roles = all_roles(registry, client.roles)
        scope, resources = parameters.get("scope"), parameters.resources
        reach = reach_of_service(registry, client, roles, issuer, scope, resources)
        key = key_for_access_token(server, client, reach)
        return issue_for_client(server, client, roles, reach, key, self.confirmed_alone())
