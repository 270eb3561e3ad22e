"""The token exchange grant: an API passes a person's request on to another API, with a token that goes no further.

RFC 8693 §2. https://www.rfc-editor.org/rfc/rfc8693#section-2
"""

from typing import Any

from authserver.http.living import Behind, behind
from authserver.keys import InvalidToken
from authserver.protocol.client.api import Api
from authserver.protocol.client.client import Client
from authserver.protocol.client.registry import TOKEN_EXCHANGE
from authserver.protocol.errors import ProtocolError
from authserver.protocol.token import access_token
from authserver.protocol.token.access_token import HandedOn
from authserver.protocol.token.api_scopes import api_scopes
from authserver.protocol.token.exchange import ACCESS_TOKEN, actor_of, asked_exchange, exchanged_reach
from authserver.protocol.token.granted_claims import access_token_names, granted_permissions
from authserver.token.grant import TokenGrant
from authserver.token.issue import issue_exchanged, key_for_access_token
from authserver.token.level import hold_to_level


class TokenExchangeGrant(TokenGrant):
    GRANT_TYPE = TOKEN_EXCHANGE

    def tokens(self, client: Client) -> dict[str, Any]:
        server, registry = self.server, self.server.registry
        # Only an API is registered for this grant.
        caller = registry.apis[client.client_id]
        asked = asked_exchange(self.request.parameters, caller, registry)
        claims = self._verified(asked.subject_token, caller)
        found = behind(server, registry, claims)
        if found is None or found.username is None:
            raise _refused("the token, its authorization, session or person has ended, or it is of no person")
        handed_on = HandedOn(actor_of(caller, claims), claims["exp"])
        held = self._held(caller, claims, found)
        reach = exchanged_reach(registry, caller, asked.target, held, found.roles, asked.scope)
        hold_to_level(registry, asked.target.audience, claims.get("acr"))
        key = key_for_access_token(server, client, reach)
        confirmation = self.confirmed_alone()
        response = issue_exchanged(server, client, claims, reach, handed_on, key, confirmation, about=found.sub)
        return response | {"issued_token_type": ACCESS_TOKEN}

    def _verified(self, token: str, caller: Api) -> dict[str, Any]:
        try:
            claims = self.server.keys.verify(token, access_token.TYPE, now=self.server.now())
        except InvalidToken as error:
            raise _refused(str(error)) from None
        if caller.audience not in access_token.audiences_of(claims):
            # What was sent to somebody else is no business of this API, however it came by it.
            raise _refused(f"it is for {claims.get('aud')!r}, and {caller.audience!r} asks")
        return claims

    def _held(self, caller: Api, claims: dict[str, Any], found: Behind) -> frozenset[str]:
        """The permissions that the token carries and that its person and client may still have."""
        limit = found.limit(caller)
        given = frozenset(granted_permissions(self.server.registry, caller, found.roles))
        still = given if limit is None else given & limit
        name = access_token_names(found.client, caller).permissions
        said = claims.get(name) if name else None
        if isinstance(said, list):
            return still.intersection(said)
        # A client may have the claim left out; then the scope says what was asked for, and without any it was all.
        words = api_scopes(str(claims.get("scope", "")).split(), caller)
        return still & words if words or limit is not None else still


def _refused(detail: str) -> ProtocolError:
    # RFC 8693 §2.2.2 wants this code for every subject token that does not hold.
    return ProtocolError(
        "invalid_request",
        "The subject_token is not a living access token of a person for the API that shows it.",
        detail=detail,
    )
