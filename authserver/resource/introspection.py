"""`POST /introspect`: whether a token is alive, for the resource server it is meant for or the client it was given to.

RFC 7662 §2; RFC 9701 §4, §5 (as a JWT, where that is asked for). What is dead, forged, of another kind or not the
caller's is exactly `{"active": false}`.
https://www.rfc-editor.org/rfc/rfc7662#section-2
"""

from typing import Any

from authserver.http.living import Behind, behind
from authserver.keys import InvalidToken
from authserver.protocol.client.authentication import METHODS
from authserver.protocol.client.client import Client, SigningAlg
from authserver.protocol.client.registry import Registry
from authserver.protocol.errors import ProtocolError
from authserver.protocol.token import access_token
from authserver.protocol.token.confirmation import token_type
from authserver.protocol.token.granted_claims import (
    access_token_names,
    granted_claims,
    granted_permissions,
    still_granted,
)
from authserver.resource.signed import INTROSPECTION_TYPE, signed_reply, wants_jwt
from authserver.server import Reply, Request, Server, json_reply

INACTIVE: dict[str, Any] = {"active": False}
ANSWERED = ("iss", "sub", "aud", "client_id", "iat", "exp", "jti", "auth_time", "acr", "amr", "cnf", "act", "may_act")


def introspect(server: Server, request: Request) -> Reply:
    """Answer an introspection request."""
    client = server.authenticate_client(request, METHODS, "introspection")
    token = request.parameters.get("token")
    if token is None:
        raise ProtocolError("invalid_request", "The parameter token is missing.")
    answer = _introspect(server, client, token)
    if not wants_jwt(request):
        return json_reply(answer)
    # RFC 9701 §5: neither sub nor exp stands beside it, so that it can pass for no other token.
    signed = {
        "iss": server.settings.issuer,
        "aud": client.client_id,
        "iat": server.now(),
        "token_introspection": answer,
    }
    alg = _alg(server.registry, client)
    return signed_reply(server, signed, INTROSPECTION_TYPE, f"application/{INTROSPECTION_TYPE}", alg)


def _alg(registry: Registry, caller: Client) -> SigningAlg:
    if not registry.is_resource_server(caller):
        return caller.signing_alg
    # FAPI 2.0 §5.4.1: no JWT is signed with RS256 there.
    return registry.apis[caller.client_id].signing_alg or ("ES256" if registry.is_fapi else "RS256")


def _introspect(server: Server, caller: Client, token: str) -> dict[str, Any]:
    registry = server.registry
    try:
        claims = server.keys.verify(token, access_token.TYPE, now=server.now())
    except InvalidToken:
        return INACTIVE
    found = behind(server, registry, claims) if _may_ask(registry, caller, claims) else None
    if found is None:
        return INACTIVE
    answer: dict[str, Any] = {"active": True, "token_type": token_type(claims.get("cnf"))}
    answer |= {name: claims[name] for name in ANSWERED if name in claims}
    # It would tell who it is whom a pairwise sub must not tell, also where an API has exchanged the token.
    if found.username is not None and found.client.sector is None and found.sub == claims.get("sub"):
        answer["username"] = found.username
    # An access token is for one API at most; beside it the issuer may stand.
    named = access_token.audiences_of(claims)
    api = next((registry.audiences[audience] for audience in named if audience in registry.audiences), None)
    if api is None:
        return answer | _scope(claims, frozenset(), found)
    given, limit = frozenset(granted_permissions(registry, api, found.roles)), found.limit(api)
    permissions = given if limit is None else given & limit
    says_names = found.may_say_names(api, limit, given)
    names = access_token_names(found.client, api)
    now = granted_claims(names, permissions, found.roles, found.groups, says_names=says_names)
    return answer | _scope(claims, permissions, found) | still_granted(claims, now)


def _may_ask(registry: Registry, caller: Client, claims: dict[str, Any]) -> bool:
    if registry.is_resource_server(caller):
        named = access_token.audiences_of(claims)
        return any(registry.apis[name].audience in named for name in caller.apis)
    return bool(claims.get("client_id") == caller.client_id)


def _scope(claims: dict[str, Any], permissions: frozenset[str], found: Behind) -> dict[str, str]:
    """The scope of the token, without what was taken away since."""
    open_now = permissions.union(each for each in found.scope if each in found.client.scopes)
    words = [word for word in str(claims.get("scope", "")).split() if word in open_now]
    return {"scope": " ".join(words)} if words else {}
