"""The claims of the access token that a client gets for itself, and why each is as it is (RFC 9068 §2.2)."""

from collections.abc import Iterator
from typing import Protocol

from authserver.explain.because import Because, ExplainedClaim
from authserver.explain.entries import (
    UNIQUE,
    AskedToken,
    audience,
    bound,
    confirmation,
    lifetime,
    of_api,
    permissions,
)
from authserver.protocol.token.access_token import Grantee, HandedOn, access_token_claims
from authserver.protocol.token.granted_claims import access_token_names


class AskedForItself(AskedToken, Protocol):
    """Such a token. `asked` is the scope of the request, if any, `words` are those of APIs; `now` is in seconds."""

    @property
    def issuer(self) -> str: ...
    @property
    def now(self) -> int: ...
    @property
    def asked(self) -> str | None: ...
    @property
    def words(self) -> frozenset[str]: ...


def service_claims(
    question: AskedForItself, default_lifetime: int, handed_on: HandedOn | None = None
) -> Iterator[ExplainedClaim]:
    """Every claim of the token, and those that are left out although one might expect them.

    `default_lifetime` is in seconds; `handed_on` says who acts as the client.
    """
    client, api = question.client, question.api
    claims = access_token_claims(
        question.registry,
        client,
        Grantee(client.client_id, question.roles),
        question.reach,
        issuer=question.issuer,
        jti=UNIQUE,
        now=question.now,
        default_lifetime=default_lifetime,
        confirmation=confirmation(client),
        handed_on=handed_on,
    )
    names = access_token_names(client, api)
    reasons = {
        "iss": [Because("the setting AUTHSERVER_ISSUER")],
        "sub": [Because("the client itself: no person takes part", question.at("client_id"))],
        "aud": list(audience(question)) or [Because("the issuer: the client has no API", question.at("apis"))],
        "client_id": [Because("the client", question.at("client_id"))],
        "exp": [lifetime(question)],
        "scope": list(_scope(question)),
        "cnf": [bound(question)],
        names.roles: list(_roles(question)),
        names.permissions: list(permissions(question, narrowed=bool(question.words))),
        names.groups: [Because("a client is in no group")],
    }
    for name, value in claims.items():
        yield ExplainedClaim(name, value, tuple(reasons.get(name, ())))
    if api is not None and names.roles is not None and names.roles not in claims:
        why = "is left out: the token has less than the roles give of the API, and their names would tell of more"
        yield ExplainedClaim(names.roles, None, (Because(why, of_api(api, "roles_are_names")),))


def _scope(question: AskedForItself) -> Iterator[Because]:
    words = (question.asked or "").split()
    if question.words:
        yield Because("what the client asked for, of what it may have")
    elif words:
        yield Because("everything that the client may have: it asked for a scope, and for none of an API")
    else:
        yield Because("all that the client may have of the API, and not all of it", question.at("apis"))
    for word in words:
        if word not in question.words:
            yield Because(f"{word} is left out: no person signs in")
        elif word not in question.reach.scope:
            yield Because(f"{word} is left out: the client may not have it, or its roles do not give it")


def _roles(question: AskedForItself) -> Iterator[Because]:
    own, included = question.client.roles, question.registry.included
    if not question.roles:
        yield Because("the client has no role of its own", question.at("roles"))
    for role in question.roles:
        if role in own:
            yield Because(f"{role} is the client's own", question.at("roles"))
        for other in own:
            if other != role and role in included.get(other, ()):
                yield Because(f"{role} comes along with {other}", ("roles", other))
