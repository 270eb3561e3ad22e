"""The claims that say what a person or a service may do: roles, permissions, groups.

RFC 9068 §2.2.3.1. https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3.1
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from authserver.protocol.claim_names import ClaimNames
from authserver.protocol.client.api import Api
from authserver.protocol.client.client import Client
from authserver.protocol.client.registry import Registry


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
    registry: Registry, names: ClaimNames, apis: Sequence[Api], roles: Iterable[str], groups: Iterable[str]
) -> dict[str, list[str]]:
    """The claims by name, each a sorted list: of the permissions those of these APIs."""
    claims: dict[str, list[str]] = {}
    if names.roles:
        claims[names.roles] = sorted(roles)
    if names.permissions:
        claims[names.permissions] = _permissions(registry, apis, list(roles))
    if names.groups:
        claims[names.groups] = sorted(groups)
    return claims


def narrowed_claims(
    registry: Registry, names: ClaimNames, api: Api, roles: Iterable[str], groups: Iterable[str], asked: Collection[str]
) -> dict[str, list[str]]:
    """The claims of a token that is to carry these permissions of an API and no others.

    Roles and groups would tell of more than it may do: they are left out, unless nothing was taken away.
    """
    given = granted_permissions(registry, api, roles)
    if frozenset(given) <= frozenset(asked):
        return granted_claims(registry, names, (api,), roles, groups)
    return {names.permissions: [each for each in given if each in asked]} if names.permissions else {}


def claims_for_client(
    registry: Registry, names: ClaimNames, client: Client, roles: Iterable[str], groups: Iterable[str]
) -> dict[str, list[str]]:
    """The claims of an ID token or of userinfo: for the client itself, with the permissions of all its APIs."""
    apis = [registry.apis[name] for name in client.apis] if names.permissions else []
    return granted_claims(registry, names, apis, roles, groups)


def still_granted(claims: Mapping[str, object], now: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The claims of a token that was issued before, cut to what is granted now; it never gets more than it says."""
    return {
        name: [value for value in said if value in holds]
        for name, holds in now.items()
        if isinstance(said := claims.get(name), list)
    }


def _permissions(registry: Registry, apis: Sequence[Api], roles: list[str]) -> list[str]:
    if len(apis) == 1:
        return granted_permissions(registry, apis[0], roles)
    return sorted({permission for api in apis for permission in granted_permissions(registry, api, roles)})
