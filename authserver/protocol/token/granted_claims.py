"""The claims that say what a person or a service may do: roles, permissions, groups.

RFC 9068 §2.2.3.1. https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3.1
"""

from collections.abc import Collection, Iterable, Mapping

from authserver.protocol.claim_names import ClaimNames
from authserver.protocol.client.api import Api
from authserver.protocol.client.client import Client
from authserver.protocol.client.registry import Registry
from authserver.protocol.token.api_scopes import limit_of


def granted_permissions(registry: Registry, api: Api, roles: Iterable[str]) -> list[str]:
    """What roles give of one API, sorted; a role that no file declares gives nothing."""
    by_role = registry.permissions[api.name]
    return sorted(frozenset().union(*(by_role[role] for role in roles if role in by_role)))


def access_token_names(client: Client, api: Api | None) -> ClaimNames:
    """The names in an access token for this API; a token for the issuer alone says nothing of roles."""
    if api is None:
        return ClaimNames()
    return client.claims.access_token or ClaimNames(
        client.roles_claim or api.roles_claim, client.permissions_claim or api.permissions_claim
    )


def granted_claims(
    names: ClaimNames,
    permissions: Iterable[str],
    roles: Iterable[str],
    groups: Iterable[str],
    *,
    says_names: bool = True,
) -> dict[str, list[str]]:
    """The claims by name, each a sorted list.

    Without `says_names` roles and groups are left out: where something was narrowed, they would tell of more.
    """
    claims: dict[str, list[str]] = {}
    if names.roles and says_names:
        claims[names.roles] = sorted(roles)
    if names.permissions:
        claims[names.permissions] = sorted(permissions)
    if names.groups and says_names:
        claims[names.groups] = sorted(groups)
    return claims


def claims_for_client(
    registry: Registry,
    names: ClaimNames,
    client: Client,
    roles: Collection[str],
    groups: Iterable[str],
    api_scopes: Collection[str] | None = None,
    *,
    says_names: bool = True,
) -> dict[str, list[str]]:
    """The claims of an ID token or of userinfo: for the client itself, with the permissions of all its APIs.

    `api_scopes` are those that were allowed; None narrows nothing.
    """
    permissions: set[str] = set()
    for api in [registry.apis[name] for name in client.apis] if names.permissions else []:
        given, limit = granted_permissions(registry, api, roles), limit_of(client, api, api_scopes)
        permissions.update(given if limit is None else limit.intersection(given))
    return granted_claims(names, permissions, roles, groups, says_names=says_names)


def still_granted(claims: Mapping[str, object], now: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The claims of a token that was issued before, cut to what is granted now; it never gets more than it says."""
    return {
        name: [value for value in said if value in holds]
        for name, holds in now.items()
        if isinstance(said := claims.get(name), list)
    }
