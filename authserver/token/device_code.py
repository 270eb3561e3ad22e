"""The device authorization grant: a client polls with its device code until the person has answered elsewhere.

RFC 8628 §3.4, §3.5. https://www.rfc-editor.org/rfc/rfc8628#section-3.4
"""

from typing import Any

from authserver.protocol.client.client import Client
from authserver.protocol.errors import ProtocolError
from authserver.protocol.request.device_request import GRANT_TYPE
from authserver.protocol.request.pkce import s256
from authserver.store.allowed import device_codes
from authserver.store.allowed.authorizations import InvalidGrantError
from authserver.store.allowed.device_codes import Poll
from authserver.token.grant import TokenGrant, refuse
from authserver.token.issue import issue_for_person

NOT_YET = {
    Poll.PENDING: "The person has not answered yet. Ask again after the interval.",
    Poll.HURRIED: "You asked too soon. From now on, wait 5 seconds longer between two requests.",
    Poll.DENIED: "The person refused.",
    Poll.EXPIRED: "The device_code has expired. Start again at the device authorization endpoint.",
}


class DeviceCodeGrant(TokenGrant):
    GRANT_TYPE = GRANT_TYPE

    def tokens(self, client: Client) -> dict[str, Any]:
        server, presented, challenge = self.server, self.required("device_code"), self._challenge()
        idle = server.settings.refresh_token_idle if "refresh_token" in client.grant_types else None
        try:
            with server.database.write(is_brief=True) as connection:
                now, of_client = server.now(), (presented, client.client_id, challenge)
                found = device_codes.poll(connection, *of_client, now)
                if found is Poll.ALLOWED:
                    # RFC 9449 §5: those of a confidential client are bound to its authentication.
                    binds = self.proven if client.is_public else None
                    redeemed = device_codes.redeem(connection, *of_client, now, idle=idle, binds=binds)
                    grounds = self.grounds(connection, client, redeemed.authorization)
        except InvalidGrantError as refused:
            raise refuse(server, client, refused, "device_code") from None
        if found is not Poll.ALLOWED:
            raise ProtocolError(found.value, NOT_YET[found])
        return issue_for_person(
            server, client, grounds, grant_type=self.GRANT_TYPE, refresh_token=redeemed.refresh_token
        )

    def _challenge(self) -> str | None:
        verifier = self.request.parameters.get("code_verifier")
        challenge = s256(verifier) if verifier is not None else None
        if verifier is not None and challenge is None:
            raise ProtocolError("invalid_grant", "code_verifier must be 43 to 128 characters of A-Z a-z 0-9 - . _ ~.")
        return challenge
