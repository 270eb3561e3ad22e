"""How far one token goes: for whom it is, with which scope and permissions. Every grant asks here, and nowhere else.

Permissions are what the roles give, of that what the client may have of the API, of that what was asked and allowed.
RFC 6749 §3.3, §6; RFC 8707 §2.2; RFC 9068 §2.2.3. https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3
"""

from collections.abc import Collection
from dataclasses import dataclass

from authserver.protocol.client.api import Api
from authserver.protocol.client.client import Client
from authserver.protocol.client.registry import Registry
from authserver.protocol.errors import ProtocolError
from authserver.protocol.request.resource import registered_audiences, token_audiences
from authserver.protocol.request.scope import in_order
from authserver.protocol.token.api_scopes import (
    apis_of,
    first_meant,
    limit_of,
    open_permissions,
    scope_of_service,
    words_for_apis,
)
from authserver.protocol.token.granted_claims import granted_permissions


@dataclass(frozen=True, slots=True)
class Allowed:
    """What tokens may be at most, as somebody allowed it once: for these audiences, with this scope.

    `scope` are OpenID's scopes and those of claims. `api_scopes` are as in `AskedOfApis`. `issuer` is the server's own,
    where a token with `openid` that names no resource is good for userinfo as well.
    """

    scope: tuple[str, ...]
    audiences: tuple[str, ...]
    api_scopes: tuple[str, ...] | None
    issuer: str | None


@dataclass(frozen=True, slots=True)
class TokenReach:
    """How far one token goes. The first audience may be an API, whose `permissions` these are.

    `scope` is everything that stands in the token's `scope`. `says_names`: whether roles and groups may stand there.
    """

    audiences: tuple[str, ...]
    scope: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    says_names: bool = True


def reach_of_person(
    registry: Registry,
    client: Client,
    roles: Collection[str],
    allowed: Allowed,
    requested: str | None = None,
    resources: tuple[str, ...] = (),
) -> TokenReach:
    """How far a token goes that a client gets on a person's behalf, of what was allowed.

    `requested` is the `scope` of the token request, which may ask for less. Raises `invalid_scope` where it asks for
    more, and `invalid_target`. What the roles do not give is left out without an error: they may change.
    """
    words = None if requested is None else frozenset(requested.split(" "))
    of_apis = words_for_apis(words or (), registry.known)
    apis = apis_of(allowed.audiences, registry)
    if words is not None:
        unknown = words.difference(allowed.scope)
        if not unknown <= {each for api in apis for each in _allowed_of(client, api, allowed)}:
            raise ProtocolError("invalid_scope", "scope asks for more than was granted.")
    scope = allowed.scope if words is None else tuple(each for each in allowed.scope if each in words)
    userinfo = allowed.issuer if "openid" in scope else None
    audiences = token_audiences(resources, first_meant(allowed.audiences, apis, of_apis), userinfo)
    api = registry.audiences.get(audiences[0])
    if api is None:
        return TokenReach(audiences, scope)
    limit = limit_of(client, api, allowed.api_scopes)
    if of_apis:
        limit = of_apis.intersection(_allowed_of(client, api, allowed))
        if not limit:
            raise ProtocolError(
                "invalid_scope", "No scope is a permission of the API that the token is for. Choose it with resource."
            )
    elif words is not None and allowed.api_scopes is not None:
        # RFC 6749 §6: a scope that names none of the API's gets none of them.
        limit = frozenset()
    given = granted_permissions(registry, api, roles)
    if limit is None:
        return TokenReach(audiences, scope, tuple(given))
    permissions = tuple(each for each in given if each in limit)
    return TokenReach(audiences, in_order((*scope, *permissions)), permissions, may_say_names(api, limit))


def reach_of_service(
    registry: Registry,
    client: Client,
    roles: Collection[str],
    issuer: str,
    requested: str | None = None,
    resources: tuple[str, ...] = (),
) -> TokenReach:
    """How far a token goes that a client gets for itself, with its own roles.

    Raises `invalid_scope`, also where nothing is left of what was asked for, and `invalid_target`.
    """
    of_apis = words_for_apis((requested or "").split(), registry.known)
    audiences = audiences_of_service(registry, client, issuer, of_apis, resources)
    api = registry.audiences.get(audiences[0])
    limited = api is not None and api.name in client.api_limits
    whole = granted_permissions(registry, api, roles) if api else []
    given = [each for each in whole if api is None or each in open_permissions(client, api)]
    if api is not None and not of_apis and not client.gets_unasked:
        raise ProtocolError(
            "invalid_scope",
            "This client gets only the permissions that it asks for (unasked: none). Name them in scope.",
            detail=f"its roles give {given!r}",
        )
    if requested is None and not limited:
        return TokenReach(audiences, (), tuple(given))
    scope = scope_of_service(requested or "", api, given, registry.known)
    return TokenReach(audiences, scope, scope, api is not None and may_say_names(api, frozenset(scope), whole))


def audiences_of_service(
    registry: Registry, client: Client, issuer: str, words: Collection[str], resources: tuple[str, ...]
) -> tuple[str, ...]:
    """For whom such a token is: what `resource` names, or the API that has one of the words of the scope.

    Raises `invalid_target`.
    """
    open_to_it = registered_audiences(client, registry, issuer)
    return token_audiences(resources, first_meant(open_to_it, apis_of(open_to_it, registry), words))


def may_say_names(api: Api, limit: frozenset[str] | None, given: Collection[str] | None = None) -> bool:
    """Whether roles and groups may stand beside permissions that are narrowed so: where nothing of the API is missing.

    Of a person whatever their roles give today: a name may open more at an API than it has permissions. A service has
    nobody's names but its own, and `given` is what these give.
    """
    needed = api.permissions if given is None else given
    return limit is None or api.roles_are_names or (bool(limit) and limit.issuperset(needed))


def _allowed_of(client: Client, api: Api, allowed: Allowed) -> Collection[str]:
    limit = limit_of(client, api, allowed.api_scopes)
    return api.permissions if limit is None else limit
