"""Who calls the API: a person through a client, or a service by itself, with what they may do at this moment.

RFC 6750 §3.1; RFC 9068 §4. https://www.rfc-editor.org/rfc/rfc9068#section-4
"""

from dataclasses import dataclass

from authserver.access.giving import Names
from authserver.http.bearer import verified_claims
from authserver.http.living import behind
from authserver.protocol import management
from authserver.protocol.client.registry import Registry
from authserver.protocol.token import access_token
from authserver.protocol.token.api_scopes import api_scopes
from authserver.protocol.token.bearer import invalid_token, presented_token
from authserver.protocol.token.granted_claims import access_token_names, granted_permissions
from authserver.server import Request, Server


@dataclass(frozen=True, slots=True)
class Caller:
    """`sub` is None for a service. `has` is what they have now; `permissions` were in the token and still hold."""

    sub: str | None
    client_id: str
    has: Names
    permissions: frozenset[str]

    @property
    def name(self) -> str:
        return self.sub or self.client_id


def authenticated(server: Server, registry: Registry, request: Request) -> Caller:
    """The caller behind the token of a request, which must still live. Raises BearerError."""
    api = registry.apis[management.NAME]
    claims = verified_claims(server, request, presented_token(request.header("Authorization")))
    if api.audience not in access_token.audiences_of(claims):
        raise invalid_token("the token is for another audience")
    found = behind(server, registry, claims)
    if found is None:
        raise invalid_token("the token, its client, authorization, session or person has ended")
    if management.NAME not in found.client.apis:
        raise invalid_token("the client may no longer call this API")
    client, has = found.client, Names(frozenset(found.roles), frozenset(found.groups))
    # One from before its client was given pairwise subs has the one as we store it.
    sub = server.pairwise.meant(found.client, str(claims["sub"])) or str(claims["sub"])
    permissions = frozenset(granted_permissions(registry, api, has.roles))
    name = access_token_names(client, api).permissions
    given = permissions
    if name is not None:
        permissions &= frozenset(claims.get(name, ()))
    limit = found.limit(api)
    asked = api_scopes(str(claims.get("scope", "")).split(), api)
    if asked or found.api_scopes is not None:
        limit = asked if limit is None else asked & limit
    if limit is not None:
        permissions &= limit
        if not found.may_say_names(api, limit, given):
            # What a token leaves out it cannot give to others either.
            has = Names()
    return Caller(None if found.username is None else sub, client.client_id, has, permissions)
