"""The client credentials grant: a service by itself, with the roles that clients.yaml gives it.

RFC 6749 §4.4; RFC 9700 §2.6 (never for public clients). https://www.rfc-editor.org/rfc/rfc6749#section-4.4
"""

from typing import Any

from authserver.protocol.client import Client
from authserver.protocol.errors import ProtocolError
from authserver.protocol.resource import registered_audiences, token_audiences
from authserver.token.grant import TokenGrant
from authserver.token.issue import issue_for_client


class ClientCredentialsGrant(TokenGrant):
    GRANT_TYPE = "client_credentials"

    def tokens(self, client: Client) -> dict[str, Any]:
        if client.is_public:
            raise ProtocolError("unauthorized_client", "A public client cannot use client_credentials.")
        server, parameters = self.server, self.request.parameters
        if parameters.get("scope") is not None:
            raise ProtocolError("invalid_scope", "Leave scope out: permissions come from the client's roles.")
        audiences = registered_audiences(client, server.registry, server.settings.issuer)
        return issue_for_client(server, client, token_audiences(parameters.resources, audiences))
