"""Who calls the API: a person through a client, or a service by itself, with what they may do at this moment.

RFC 6750 §3.1; RFC 9068 §4. https://www.rfc-editor.org/rfc/rfc9068#section-4
"""

from dataclasses import dataclass
from typing import Any

from authserver.access.effective import all_roles, declared_groups, effective_roles
from authserver.access.giving import Names
from authserver.http.bearer import verified_claims
from authserver.protocol import management
from authserver.protocol.client import Client, Registry
from authserver.protocol.token import access_token
from authserver.protocol.token.api_scopes import api_scopes
from authserver.protocol.token.bearer import bearer_token, invalid_token
from authserver.protocol.token.granted_claims import access_token_names, granted_permissions
from authserver.server import Request, Server
from authserver.store.allowed import access_tokens


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
    """The caller behind the token of a request. Raises BearerError.

    The token must be alive: unlike another resource server, this one knows of every revocation at once.
    """
    api = registry.apis[management.NAME]
    claims = verified_claims(server, request, bearer_token(request.header("Authorization")))
    if api.audience not in access_token.audiences_of(claims):
        raise invalid_token("the token is for another audience")
    client = registry.client(str(claims.get("client_id")))
    if client is None or management.NAME not in client.apis:
        raise invalid_token("the client may no longer call this API")
    sub, has = _subject(server, registry, client, claims)
    permissions = frozenset(granted_permissions(registry, api, has.roles))
    name = access_token_names(client, api).permissions
    given = permissions
    if name is not None:
        permissions &= frozenset(claims.get(name, ()))
    if asked := api_scopes(str(claims.get("scope", "")).split(), api):
        permissions &= asked
        if not given <= asked:
            # What a token leaves out it cannot give to others either.
            has = Names()
    return Caller(sub, client.client_id, has, permissions)


def _subject(server: Server, registry: Registry, client: Client, claims: dict[str, Any]) -> tuple[str | None, Names]:
    jti = str(claims.get("jti", ""))
    authorization_id, dot, _ = jti.partition(".")
    with server.database.read() as connection:
        if not dot:
            if access_tokens.is_revoked(connection, jti):
                raise invalid_token("the token was revoked")
            return None, Names(frozenset(all_roles(registry, client.roles)))
        subject = access_tokens.subject(connection, authorization_id, jti, server.now())
    if subject is None:
        raise invalid_token("the token, its authorization, session or person has ended")
    roles = effective_roles(registry, subject.roles, subject.groups)
    return str(claims["sub"]), Names(frozenset(roles), frozenset(declared_groups(registry, subject.groups)))
