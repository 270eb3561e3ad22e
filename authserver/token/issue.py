"""Where tokens are issued, and nowhere else: claims from `protocol`, the signature from `keys`.

RFC 6749 §5.1; RFC 9068 §2; OpenID Connect Core §3.1.3.3. https://www.rfc-editor.org/rfc/rfc6749#section-5.1
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from authserver.events import emit
from authserver.keys.material import LoadedKey
from authserver.keys.signed_token import sign
from authserver.protocol.client.client import Client
from authserver.protocol.client.registry import TOKEN_EXCHANGE
from authserver.protocol.token import access_token, id_token
from authserver.protocol.token.access_token import Grantee, HandedOn, jti_of
from authserver.protocol.token.confirmation import Confirmation, token_type
from authserver.protocol.token.granted_claims import claims_for_client
from authserver.protocol.token.reach import TokenReach
from authserver.protocol.upstream.workload import JWT_BEARER
from authserver.server import Server
from authserver.store.allowed.authorizations import Authorization


@dataclass(frozen=True, slots=True)
class Grounds:
    """What tokens are issued on: an authorization as it counts at this moment, and what follows from it.

    `reach` is how far the access token goes, and `confirmation` the key that it is bound to. The two keys sign; without
    one there is no ID token, in which `person` is said of the person.
    """

    authorization: Authorization
    reach: TokenReach
    access_token_key: LoadedKey
    id_token_key: LoadedKey | None
    confirmation: Confirmation | None
    person: Mapping[str, object]


def key_for_access_token(server: Server, client: Client, reach: TokenReach) -> LoadedKey:
    """The key that an access token of this reach is signed with. Raises NoSigningKey."""
    api = server.registry.audiences.get(reach.audiences[0])
    return server.keys.signer(access_token.signing_alg(client, api), server.now())


def _api(server: Server, reach: TokenReach) -> str | None:
    """The name of the API that a token is for, if it is for one."""
    api = server.registry.audiences.get(reach.audiences[0]) if reach.audiences else None
    return api.name if api else None


def key_for_id_token(server: Server, client: Client) -> LoadedKey:
    """The key that the client's ID tokens are signed with. Raises NoSigningKey."""
    return server.keys.signer(client.id_token_signed_response_alg, server.now())


def issue_for_person(
    server: Server,
    client: Client,
    grounds: Grounds,
    *,
    grant_type: str,
    refresh_token: str | None,
    nonce: str | None = None,
) -> dict[str, Any]:
    """The token response on these grounds, with an ID token where `openid` is in scope."""
    now, authorization, reach, key = server.now(), grounds.authorization, grounds.reach, grounds.id_token_key
    sub = server.pairwise.seen(client, authorization.sub)
    grantee = Grantee(
        sub,
        authorization.roles,
        authorization.auth_time,
        authorization.groups,
        authorization.acr,
        authorization.amr,
    )
    jti = jti_of(secrets.token_urlsafe(12), authorization.id)
    response = _access_token(
        server,
        client,
        grantee,
        reach,
        jti,
        now,
        key=grounds.access_token_key,
        confirmation=grounds.confirmation,
        about=authorization.sub,
    )
    if refresh_token is not None:
        response["refresh_token"] = refresh_token
    if key is not None:
        claims = id_token.id_token_claims(
            issuer=server.settings.issuer,
            sub=sub,
            client_id=client.client_id,
            auth_time=authorization.auth_time,
            amr=authorization.amr,
            acr=authorization.acr,
            sid=server.pairwise.seen(client, authorization.sid, "sid"),
            access_token=response["access_token"],
            alg=client.id_token_signed_response_alg,
            nonce=nonce,
            now=now,
            lifetime=server.settings.id_token_lifetime,
        )
        claims |= grounds.person
        if client.claims.id_token:
            claims |= claims_for_client(
                server.registry,
                client.claims.id_token,
                client,
                authorization.roles,
                authorization.groups,
                authorization.api_scopes,
            )
        response["id_token"] = sign(key, claims, id_token.TYPE)
    emit(
        "token:access_token:issued",
        sub=authorization.sub,
        client_id=client.client_id,
        grant_type=grant_type,
        jti=jti,
        api=_api(server, reach),
    )
    return response


def issue_for_client(
    server: Server,
    client: Client,
    roles: tuple[str, ...],
    reach: TokenReach,
    key: LoadedKey,
    confirmation: Confirmation | None,
) -> dict[str, Any]:
    """The token response for a service client by itself: no ID token, no refresh token (RFC 6749 §4.4.3)."""
    now = server.now()
    jti = jti_of(secrets.token_urlsafe(16))
    grantee = Grantee(client.client_id, roles)
    response = _access_token(server, client, grantee, reach, jti, now, key=key, confirmation=confirmation)
    emit(
        "token:access_token:issued",
        client_id=client.client_id,
        grant_type="client_credentials",
        jti=jti,
        api=_api(server, reach),
    )
    return response


def issue_for_workload(
    server: Server,
    client: Client,
    roles: tuple[str, ...],
    reach: TokenReach,
    key: LoadedKey,
    confirmation: Confirmation | None,
    actor: Mapping[str, str],
) -> dict[str, Any]:
    """As for a service client by itself, for a workload that acts as it; `actor` is its `iss` and `sub`."""
    now = server.now()
    jti = jti_of(secrets.token_urlsafe(16))
    grantee, by = Grantee(client.client_id, roles), HandedOn(actor)
    response = _access_token(server, client, grantee, reach, jti, now, key=key, confirmation=confirmation, handed_on=by)
    workload = f"{actor['iss']} {actor['sub']}"
    emit(
        "token:access_token:issued",
        client_id=client.client_id,
        grant_type=JWT_BEARER,
        jti=jti,
        api=_api(server, reach),
        workload=workload,
    )
    return response


def issue_exchanged(
    server: Server,
    caller: Client,
    claims: Mapping[str, Any],
    reach: TokenReach,
    handed_on: HandedOn,
    key: LoadedKey,
    confirmation: Confirmation | None,
    *,
    about: str,
) -> dict[str, Any]:
    """The token response for an API that showed a token of these claims: one that hangs on the same authorization.

    Its `sub` is the one that the token has; `about` is the person's as it is stored, for the events.
    """
    now = server.now()
    amr = tuple(str(each) for each in claims.get("amr", ()))
    grantee = Grantee(claims["sub"], (), claims.get("auth_time"), (), claims.get("acr"), amr)
    jti = jti_of(secrets.token_urlsafe(12), access_token.authorization_of(claims["jti"]))
    response = _access_token(
        server, caller, grantee, reach, jti, now, key=key, confirmation=confirmation, handed_on=handed_on, about=about
    )
    emit(
        "token:access_token:issued",
        sub=about,
        client_id=caller.client_id,
        grant_type=TOKEN_EXCHANGE,
        jti=jti,
        api=_api(server, reach),
    )
    return response


def _access_token(
    server: Server,
    client: Client,
    grantee: Grantee,
    reach: TokenReach,
    jti: str,
    now: int,
    *,
    key: LoadedKey,
    confirmation: Confirmation | None,
    handed_on: HandedOn | None = None,
    about: str | None = None,
) -> dict[str, Any]:
    claims = access_token.access_token_claims(
        server.registry,
        client,
        grantee,
        reach,
        issuer=server.settings.issuer,
        jti=jti,
        now=now,
        default_lifetime=server.settings.access_token_lifetime,
        confirmation=confirmation,
        handed_on=handed_on,
    )
    token = sign(key, claims, access_token.TYPE)
    if len(token) > server.settings.access_token_size:
        emit(
            "token:access_token:oversized",
            sub=about,
            client_id=client.client_id,
            audience=reach.audiences[0],
            size=len(token),
        )
    response: dict[str, Any] = {
        "access_token": token,
        "token_type": token_type(claims.get("cnf")),
        "expires_in": int(str(claims["exp"])) - now,
    }
    if reach.scope:
        response["scope"] = " ".join(reach.scope)
    return response
