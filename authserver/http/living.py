"""Who stands behind an access token at this moment, if it still lives: one rule for introspection and the API.

Unlike another resource server, this one knows of every revocation at once. RFC 7662 §2.2, RFC 9068 §4.
https://www.rfc-editor.org/rfc/rfc7662#section-2.2
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from authserver.access.effective import all_roles, declared_groups, roles_at
from authserver.protocol.client.api import Api
from authserver.protocol.client.client import Client
from authserver.protocol.client.registry import TOKEN_EXCHANGE, Registry
from authserver.protocol.token.access_token import authorization_of
from authserver.protocol.token.api_scopes import limit_of
from authserver.protocol.token.reach import may_say_names
from authserver.server import Server
from authserver.store.allowed import access_tokens


@dataclass(frozen=True, slots=True)
class Behind:
    """`username` is None where a client stands for itself. Roles, with those they bring, and groups are as of now.

    `scope` is what the authorization holds now, and `api_scopes` what it allows of APIs; None where nothing narrows it.
    `sub` is the person's as it is stored, whatever the token says.
    """

    client: Client
    username: str | None
    roles: tuple[str, ...]
    groups: tuple[str, ...]
    scope: tuple[str, ...] = ()
    api_scopes: tuple[str, ...] | None = None
    sub: str = ""

    def limit(self, api: Api) -> frozenset[str] | None:
        """What narrows the permissions of an API at this moment, whatever roles give; None where nothing does."""
        return limit_of(self.client, api, self.api_scopes)

    def may_say_names(self, api: Api, limit: frozenset[str] | None, given: Collection[str]) -> bool:
        """Whether roles and groups may be said beside what is narrowed so, of an API of which the roles give this."""
        return may_say_names(api, limit, given if self.username is None else None)


def behind(server: Server, registry: Registry, claims: Mapping[str, Any]) -> Behind | None:
    """Who stands behind a token of these verified claims; None where it lives no more.

    It lives as long as its client is declared, nobody has revoked it, and the authorization, session and person that it
    hangs on live.
    """
    # What was exchanged has the API that did it for a client, for as long as it may; a workload acts as its client.
    of_somebody = authorization_of(str(claims.get("jti", ""))) is not None
    by_api, client_id = of_somebody and "act" in claims, str(claims.get("client_id"))
    client = registry.authenticating(client_id) if by_api else registry.client(client_id)
    if client is None or (by_api and TOKEN_EXCHANGE not in client.grant_types):
        return None
    with server.database.read() as connection:
        subject = access_tokens.subject(connection, str(claims.get("jti", "")), server.now())
    if subject is None:
        return None
    if subject.username is None:
        return Behind(client, None, all_roles(registry, client.roles), ())
    roles = roles_at(registry, subject.roles, subject.groups, registry.levels.reached_by(claims.get("acr")))
    groups = declared_groups(registry, subject.groups)
    if by_api:
        return Behind(client, subject.username, roles, groups, sub=subject.sub)
    return Behind(client, subject.username, roles, groups, subject.scope, subject.api_scopes, subject.sub)
