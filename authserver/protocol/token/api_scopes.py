"""Scopes of APIs: each permission of an API is a scope, by which a client asks for less than it may have.

A token's permissions are what the roles give, of the APIs that the client may call, and of that what was asked for.
RFC 6749 §3.3, §5.1. https://www.rfc-editor.org/rfc/rfc6749#section-3.3
"""

from collections.abc import Collection, Iterable

from authserver.protocol.client.api import Api
from authserver.protocol.errors import ProtocolError
from authserver.protocol.person.known_claims import STANDARD, KnownClaims
from authserver.protocol.request import scope

_OF_OPENID = frozenset(scope.SUPPORTED)
_NONE: frozenset[str] = frozenset()


def api_scopes(words: Iterable[str], api: Api | None) -> frozenset[str]:
    """The permissions of an API among the words of a scope; none at all means that nothing narrows them."""
    return frozenset(word for word in words if word in api.permissions) if api is not None else _NONE


def scope_of_service(
    requested: str, api: Api | None, given: Collection[str], known: KnownClaims = STANDARD
) -> tuple[str, ...]:
    """The scope of a token that a service asks for by itself: of the `given` permissions those that it names, sorted.

    OpenID's scopes and those of claims, which many libraries send with every request, say nothing where no person signs
    in: they are left out, and alone they ask for everything, as no scope does. Raises `invalid_scope` for a word that
    is no permission of the API, and where nothing is left.
    """
    words = frozenset(requested.split()).difference(_OF_OPENID, known.by_scope)
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
            "This client's roles give none of these scopes.",
            detail=f"received {requested[:500]!r}, its roles give {sorted(given)!r}",
        )
    return left
