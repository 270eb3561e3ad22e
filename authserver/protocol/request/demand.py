"""What a request demands of the sign-in, by itself and by whom it is for: client, APIs, and roles.

OpenID Connect Core §3.1.2.1 (acr_values), §5.5.1.1 (essential acr); RFC 9470 §5. https://www.rfc-editor.org/rfc/rfc9470#section-5
"""

from collections.abc import Iterable

from authserver.protocol.acr import Demand
from authserver.protocol.client.client import Client
from authserver.protocol.client.registry import Registry
from authserver.protocol.request.authorization_request import AuthorizationRequest


def demand_of(registry: Registry, client: Client, request: AuthorizationRequest, roles: Iterable[str]) -> Demand:
    """The levels that are demanded of a person with these roles."""
    required = {client.require_acr} if client.require_acr else set()
    # An API that is not asked for by name may never get a token; the first one does.
    is_named = request.resource_given or request.api_scopes
    for audience in request.audiences if is_named else request.audiences[:1]:
        api = registry.audiences.get(audience)
        if api is not None and api.require_acr:
            required.add(api.require_acr)
    for role in roles if registry.role_acr else ():
        required |= registry.role_acr.get(role, frozenset())
    return Demand(frozenset(required), request.acr, request.acr_values)
