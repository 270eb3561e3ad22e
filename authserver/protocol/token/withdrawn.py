"""What is left of what a person allowed a client when they take one scope back.

Who allowed an API as a whole keeps the rest of it, one scope at a time; a permission that it gets later is none of it.
OWASP ASVS 5 §10.7.3. https://owasp.org/ASVS
"""

from collections.abc import Collection, Iterable, Mapping

from authserver.protocol.client.client import Client
from authserver.protocol.client.registry import Registry
from authserver.protocol.person.known_claims import KnownClaims
from authserver.protocol.token.api_scopes import open_permissions

# What a client may have of each audience as a whole, as `Api.scope` writes it.
Whole = Mapping[str, frozenset[str]]


def whole_apis(registry: Registry, client: Client | None) -> Whole:
    """What a client may have of its APIs, by audience; nothing of a client that is no longer declared."""
    apis = [registry.apis[name] for name in client.apis] if client else []
    return {api.audience: frozenset(map(api.scope, open_permissions(client, api))) for api in apis if client}


def left_of_authorization(
    audiences: Iterable[str], api_scopes: Collection[str] | None, withdrawn: str, whole: Whole
) -> frozenset[str] | None:
    """The scopes of APIs that an authorization keeps; None where nothing narrows it, then or now."""
    if api_scopes is None:
        if "#" not in withdrawn:
            return None
        api_scopes = frozenset().union(*(whole.get(audience, frozenset()) for audience in audiences))
    return frozenset(api_scopes) - {withdrawn}


def left_of_consent(
    audiences: Collection[str], api_scopes: Collection[str], withdrawn: str, whole: Whole
) -> tuple[frozenset[str], frozenset[str]]:
    """The audiences that stay allowed as a whole, and the single scopes of other APIs."""
    audience = withdrawn.partition("#")[0]
    if "#" not in withdrawn or audience not in audiences:
        return frozenset(audiences), frozenset(api_scopes) - {withdrawn}
    kept = frozenset(api_scopes) | whole.get(audience, frozenset())
    return frozenset(audiences) - {audience}, kept - {withdrawn}


def left_of_claims(claims: Iterable[str], withdrawn: str, known: KnownClaims) -> tuple[str, ...]:
    """The single claims that stay asked for: those of the scope go with it."""
    return tuple(word for word in claims if known.scope_of.get(word.partition(".")[2]) != withdrawn)
