"""Scopes of APIs: each permission of an API is a scope, by which a client asks for less than it may have.

RFC 6749 §3.3, §5.1; RFC 8707 §2.1 (a scope counts at each resource that is named).
https://www.rfc-editor.org/rfc/rfc8707#section-2.1
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from authserver.protocol.client.api import Api
from authserver.protocol.client.client import Client
from authserver.protocol.client.registry import Registry
from authserver.protocol.errors import ProtocolError
from authserver.protocol.person.known_claims import STANDARD, KnownClaims
from authserver.protocol.request import scope

_OF_OPENID = frozenset(scope.SUPPORTED)
_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AskedOfApis:
    """What a client asks of APIs: where, and by which scopes, each as `Api.scope` writes it.

    None narrows nothing: it asked for no scope of an API. No scope at all is no permission at all.
    """

    audiences: tuple[str, ...]
    api_scopes: tuple[str, ...] | None


def api_scopes(words: Iterable[str], api: Api | None) -> frozenset[str]:
    """The permissions of an API among the words of a scope."""
    return frozenset(word for word in words if word in api.permissions) if api is not None else _NONE


def open_permissions(client: Client, api: Api) -> Collection[str]:
    """What a client may have of one of its APIs, whatever the roles give."""
    return client.api_limits.get(api.name, api.permissions)


def limit_of(client: Client, api: Api, allowed: Collection[str] | None) -> frozenset[str] | None:
    """What narrows the permissions of an API, whatever roles give; None where nothing does.

    `allowed` are scopes as `Api.scope` writes them; None if none was asked for.
    """
    if allowed is None:
        return client.api_limits.get(api.name)
    return api.permissions_among(allowed).intersection(open_permissions(client, api))


def apis_of(audiences: Iterable[str], registry: Registry) -> list[Api]:
    """The APIs among audiences, in their order; the issuer is none."""
    return [registry.audiences[audience] for audience in audiences if audience in registry.audiences]


def words_for_apis(words: Iterable[str], known: KnownClaims) -> frozenset[str]:
    """The words of a scope that are neither OpenID Connect's nor those of claims."""
    return frozenset(words).difference(_OF_OPENID, known.by_scope, ("",))


def asked_of_apis(
    words: Collection[str], client: Client, registry: Registry, audiences: tuple[str, ...], *, by_resource: bool
) -> AskedOfApis:
    """What the words of a scope ask of the APIs with these audiences, which the client may call.

    Where two have a permission of one name, `resource` says which is meant (`by_resource`). Without it the first is,
    and scopes alone say where tokens are to be good. A word that nobody knows is ignored (OpenID Connect Core
    §3.1.2.1). One that is a permission, but not open here, gives nothing, and never everything in its place.
    """
    apis = apis_of(audiences, registry)
    found: list[tuple[Api, str]] = []
    foreign = False
    for word in sorted(words_for_apis(words, registry.known)):
        having = [api for api in apis if word in open_permissions(client, api)]
        found += [(api, word) for api in (having if by_resource else having[:1])]
        foreign = foreign or (not having and any(word in api.permissions for api in registry.apis.values()))
    if found:
        asked = frozenset(api.audience for api, _ in found)
        where = audiences if by_resource else tuple(each for each in audiences if each in asked)
        return AskedOfApis(where, tuple(sorted(api.scope(word) for api, word in found)))
    return AskedOfApis(audiences, None if client.gets_unasked and not foreign else ())


def scope_of_service(
    requested: str, api: Api | None, given: Collection[str], known: KnownClaims = STANDARD
) -> tuple[str, ...]:
    """The scope of a token that a service asks for by itself: of the `given` permissions those that it names, sorted.

    OpenID's scopes and those of claims, which many libraries send with every request, say nothing where no person signs
    in: they are left out, and alone they ask for everything, as no scope does. Raises `invalid_scope` for a word that
    is no permission of the API, and where nothing is left.
    """
    words = words_for_apis(requested.split(), known)
    if not words:
        return tuple(sorted(given))
    asked = api_scopes(words, api)
    if words != asked:
        permissions = sorted(api.permissions) if api is not None else []
        raise ProtocolError(
            "invalid_scope",
            "A scope is not a permission of the API that the token is for. Ask for its permissions, choose the API "
            "with resource, or leave scope out to get all permissions of the client.",
            detail=f"received {requested[:500]!r}, the API has {permissions!r}",
        )
    left = tuple(sorted(asked.intersection(given)))
    if not left:
        raise ProtocolError(
            "invalid_scope",
            "This client may have none of these scopes.",
            detail=f"received {requested[:500]!r}, its roles give {sorted(given)!r}",
        )
    return left


def first_meant(audiences: tuple[str, ...], apis: Sequence[Api], words: Collection[str]) -> tuple[str, ...]:
    """Audiences with the one in front whose API has one of these words: that is where an unnamed resource leads."""
    meant = next((api.audience for api in apis if not _NONE.union(words).isdisjoint(api.permissions)), None)
    if meant is None or meant == audiences[0]:
        return audiences
    return (meant, *(each for each in audiences if each != meant))
