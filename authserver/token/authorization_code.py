"""The authorization code grant: a code, once, for the client, redirect URI and verifier it is bound to.

RFC 6749 §4.1.3; RFC 7636 §4.5; RFC 9700 §2.1.1. https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3
"""

from typing import Any

from authserver.protocol.client.client import Client
from authserver.protocol.errors import ProtocolError
from authserver.protocol.request.pkce import s256
from authserver.store.allowed import codes
from authserver.store.allowed.authorizations import InvalidGrantError
from authserver.store.allowed.codes import Redemption
from authserver.token.grant import TokenGrant, refuse
from authserver.token.issue import issue_for_person


class AuthorizationCodeGrant(TokenGrant):
    GRANT_TYPE = "authorization_code"

    def tokens(self, client: Client) -> dict[str, Any]:
        server, parameters = self.server, self.request.parameters
        redemption = Redemption(
            self.required("code"),
            client.client_id,
            parameters.get("redirect_uri"),
            self._challenge(client),
            proven=self.proven,
            # RFC 9449 §5: those of a confidential client are bound to its authentication.
            binds=client.is_public,
        )
        idle = server.settings.refresh_token_idle if "refresh_token" in client.grant_types else None
        try:
            with server.database.write(is_brief=True) as connection:
                redeemed = codes.redeem(connection, redemption, server.now(), idle=idle)
                grounds = self.grounds(connection, client, redeemed.authorization)
        except InvalidGrantError as refused:
            raise refuse(server, client, refused, "code") from None
        return issue_for_person(
            server,
            client,
            grounds,
            grant_type=self.GRANT_TYPE,
            refresh_token=redeemed.refresh_token,
            nonce=redeemed.authorization.nonce,
        )

    def _challenge(self, client: Client) -> str | None:
        verifier = self.request.parameters.get("code_verifier")
        if verifier is None:
            if client.pkce_required:
                raise ProtocolError("invalid_request", "The parameter code_verifier is missing.")
            return None
        challenge = s256(verifier)
        if challenge is None:
            raise ProtocolError("invalid_grant", "code_verifier must be 43 to 128 characters of A-Z a-z 0-9 - . _ ~.")
        return challenge
