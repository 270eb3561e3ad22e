"""`/userinfo`: the claims that the scope of an access token opens.

OpenID Connect Core §5.3; RFC 6750 §2.1, §2.2; RFC 9068 §4. https://openid.net/specs/openid-connect-core-1_0.html#UserInfo
"""

from typing import Any

from authserver.access.effective import declared_groups, roles_at
from authserver.http.bearer import verified_claims
from authserver.protocol.client.client import Client
from authserver.protocol.parameters import parse
from authserver.protocol.request.claims_request import single_claims
from authserver.protocol.token import access_token
from authserver.protocol.token.api_scopes import apis_of, limit_of
from authserver.protocol.token.bearer import (
    PresentedToken,
    another_audience,
    insufficient_scope,
    invalid_token,
    presented_token,
    two_tokens,
)
from authserver.protocol.token.granted_claims import access_token_names, claims_for_client
from authserver.protocol.token.reach import may_say_names
from authserver.protocol.token.userinfo import userinfo_claims
from authserver.resource.signed import signed_reply
from authserver.server import Reply, Request, Server, json_reply
from authserver.store.allowed import access_tokens
from authserver.store.allowed.access_tokens import Holder


def userinfo(server: Server, request: Request) -> Reply:
    """Answer with claims, or RFC 6750 errors. The token names the issuer in `aud`, be it beside an API."""
    claims, now = verified_claims(server, request, _token(request)), server.now()
    scope = str(claims.get("scope", "")).split()
    jti = str(claims.get("jti", ""))
    if "openid" not in scope or access_token.authorization_of(jti) is None:
        raise insufficient_scope("openid")
    if server.settings.issuer not in access_token.audiences_of(claims):
        raise another_audience(f"for {claims.get('aud')!r}")
    client = server.client(str(claims.get("client_id")))
    if client is None:
        raise invalid_token("the client is no longer declared")
    asks = bool(client.claims.userinfo)
    known = server.registry.known
    names = known.opened(client.scopes)
    with server.database.read() as connection:
        holder = access_tokens.holder(connection, jti, now, names=names, with_roles=asks)
    if holder is None:
        raise invalid_token("the token, its authorization, session or person has ended")
    # Cut again to what the authorization holds, and to what the client may still ask for: a token opens no more.
    opened = set(scope) & set(holder.scope) & client.scopes
    body = userinfo_claims(str(claims["sub"]), holder.claims, opened, known)
    if holder.asked:
        given_up = set(holder.scope).difference(scope)
        body |= single_claims(
            "userinfo", holder.asked, holder.claims, registered=client.scopes, given_up=given_up, known=known
        )
    if asks:
        body |= _granted(server, client, holder, claims)
    alg = client.userinfo_signed_response_alg
    if alg is None:
        return json_reply(body)
    # §5.3.2: whose answer it is, and whom it is for; whatever else says so is not believed.
    body |= {"iss": server.settings.issuer, "aud": client.client_id}
    return signed_reply(server, body, "JWT", "application/jwt", alg)


def _token(request: Request) -> PresentedToken:
    # A GET has no body here, and a form without anything in it is no reason to look at the query.
    in_body = request.parameters.get("access_token") if request.is_form and request.body else None
    authorization = request.header("Authorization")
    if b"access_token" in request.query and (in_body or authorization) and _is_in_query(request):
        raise two_tokens()
    return presented_token(authorization, in_body)


def _is_in_query(request: Request) -> bool:
    return "access_token" in parse(request.query).names


def _granted(server: Server, client: Client, holder: Holder, claims: dict[str, Any]) -> dict[str, list[str]]:
    registry, names = server.registry, client.claims.userinfo
    reached = registry.levels.reached_by(claims.get("acr"))
    roles = roles_at(registry, holder.roles, holder.groups, reached)
    groups = declared_groups(registry, holder.groups)
    says_names = _says_names(server, client, holder, claims)
    said = claims_for_client(registry, names, client, roles, groups, holder.api_scopes, says_names=says_names)
    if not says_names and names.permissions:
        # What the token itself leaves out is not found out with it here.
        scope = str(claims.get("scope", "")).split()
        said[names.permissions] = [each for each in said[names.permissions] if each in scope]
    return said


def _says_names(server: Server, client: Client, holder: Holder, claims: dict[str, Any]) -> bool:
    """Whether roles and groups may be said to whoever holds this token, which may have been narrowed."""
    api = next(iter(apis_of(access_token.audiences_of(claims), server.registry)), None)
    if api is None:
        return True
    name = access_token_names(client, api).roles
    return (name is None or name in claims) and may_say_names(api, limit_of(client, api, holder.api_scopes))
