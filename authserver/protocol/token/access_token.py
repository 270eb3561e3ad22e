"""The claims of a JWT access token: for one API, and for userinfo as well where `aud` says so.

RFC 9068 §2.2 (typ at+jwt, the claims, `roles`); RFC 8707 §2. https://www.rfc-editor.org/rfc/rfc9068#section-2.2
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from authserver.protocol.client.api import Api
from authserver.protocol.client.client import Client, SigningAlg
from authserver.protocol.client.registry import Registry
from authserver.protocol.token.confirmation import Confirmation
from authserver.protocol.token.granted_claims import access_token_names, granted_claims
from authserver.protocol.token.reach import TokenReach

TYPE = "at+jwt"


@dataclass(frozen=True, slots=True)
class Grantee:
    """For whom a token is: a person by an authorization, or a service client by itself.

    `auth_time` is None for a service, and for a person whose provider does not say when they signed in there. The roles
    are those that count, with all that they bring along.
    """

    sub: str
    roles: Iterable[str]
    auth_time: int | None = None
    groups: Iterable[str] = ()
    acr: str | None = None
    amr: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HandedOn:
    """Who acts in another's name, which is the token's `act` (RFC 8693 §4.1), and when what allows it ends, if it does.

    An API that exchanged a token, until that ends; or a workload that acts as a client.
    """

    actor: Mapping[str, object]
    ends_at: int | None = None


def lifetime(client: Client, api: Api | None, default: int) -> int:
    """Seconds that a token lives: the client's own, or the API's, or the default."""
    return client.access_token_lifetime or (api.access_token_lifetime if api else None) or default


def signing_alg(client: Client, api: Api | None) -> SigningAlg:
    """What a token is signed with: what the API says, or the client's own."""
    return api.signing_alg if api is not None and api.signing_alg is not None else client.signing_alg


def jti_of(unique: str, authorization_id: str | None = None) -> str:
    """The `jti` of a token: the id of the authorization leads it, if there is one, so that it is found by its key."""
    return unique if authorization_id is None else f"{authorization_id}.{unique}"


def authorization_of(jti: str) -> str | None:
    """The authorization that a token hangs on; None for one of a client by itself."""
    authorization_id, dot, _ = jti.partition(".")
    return authorization_id if dot else None


def audiences_of(claims: Mapping[str, object]) -> tuple[str, ...]:
    """Whom a token that this server signed is for."""
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    return tuple(each for each in named if isinstance(each, str))


def access_token_claims(
    registry: Registry,
    client: Client,
    grantee: Grantee,
    reach: TokenReach,
    *,
    issuer: str,
    jti: str,
    now: int,
    default_lifetime: int,
    confirmation: Confirmation | None = None,
    handed_on: HandedOn | None = None,
) -> dict[str, object]:
    """The claims, in the order in which they are read, bound to the key of `confirmation`. `now` in seconds."""
    audiences, scope = reach.audiences, reach.scope
    api = registry.audiences.get(audiences[0])
    claims: dict[str, object] = {
        "iss": issuer,
        "sub": grantee.sub,
        # RFC 7519 §4.1.3: one audience is a plain string, which every library reads.
        "aud": audiences[0] if len(audiences) == 1 else list(audiences),
        "client_id": client.client_id,
        "iat": now,
        "exp": now + lifetime(client, api, default_lifetime),
        "jti": jti,
    }
    if scope:
        claims["scope"] = " ".join(scope)
    if confirmation is not None:
        claims["cnf"] = confirmation.claim
    # RFC 9068 §2.2.1: how and when the person signed in, so that an API can ask for more (RFC 9470).
    if grantee.auth_time is not None:
        claims["auth_time"] = grantee.auth_time
    if grantee.acr is not None:
        claims["acr"] = grantee.acr
    if grantee.amr:
        claims["amr"] = list(grantee.amr)
    if handed_on is not None:
        claims["act"] = handed_on.actor
        if handed_on.ends_at is not None:
            claims["exp"] = min(now + lifetime(client, api, default_lifetime), handed_on.ends_at)
    if api is not None and api.exchanges and authorization_of(jti) is not None:
        # RFC 8693 §4.4.
        claims["may_act"] = {"sub": api.name}
    if api is not None:
        names = access_token_names(client, api)
        claims |= granted_claims(names, reach.permissions, grantee.roles, grantee.groups, says_names=reach.says_names)
    return claims
