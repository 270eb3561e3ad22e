"""The refresh grant: every use replaces the token; a second use ends the authorization.

RFC 6749 §6; RFC 9700 §4.14.2; RFC 9449 §5; OpenID Connect Core §12. https://www.rfc-editor.org/rfc/rfc6749#section-6
"""

from typing import Any

from authserver.events import emit
from authserver.protocol.client.client import Client
from authserver.store import session_use
from authserver.store.allowed import refresh_tokens
from authserver.store.allowed.authorizations import InvalidGrantError
from authserver.token.binding import hold_to_key
from authserver.token.grant import TokenGrant, refuse
from authserver.token.issue import issue_for_person


class RefreshTokenGrant(TokenGrant):
    GRANT_TYPE = "refresh_token"

    def tokens(self, client: Client) -> dict[str, Any]:
        server, parameters, presented = self.server, self.request.parameters, self.required("refresh_token")
        settings = server.settings
        try:
            with server.database.write(is_brief=True) as connection:
                now = server.now()
                rotation = refresh_tokens.rotate(
                    connection,
                    presented,
                    client.client_id,
                    now,
                    idle=settings.refresh_token_idle,
                    grace=settings.refresh_grace,
                )
                hold_to_key(connection, client, rotation.authorization, self.proven)
                grounds = self.grounds(connection, client, rotation.authorization, parameters.get("scope"))
                authorization = grounds.authorization
                seen_at, session_idle = authorization.session_seen_at, authorization.session_idle
                if not authorization.offline and session_use.is_due(seen_at, session_idle, now):
                    # A refresh is a sign of life of the session it hangs on.
                    session_use.touch(connection, authorization.sid, session_idle, now)
        except InvalidGrantError as refused:
            raise refuse(server, client, refused, "refresh_token") from None
        if rotation.again:
            emit(
                "token:refresh_token:retried",
                sub=authorization.sub,
                client_id=client.client_id,
                authorization=authorization.id,
            )
        return issue_for_person(
            server, client, grounds, grant_type=self.GRANT_TYPE, refresh_token=rotation.refresh_token
        )
