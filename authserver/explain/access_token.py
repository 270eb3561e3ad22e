"""The claims of the access token, and why each is as it is (RFC 9068 §2.2)."""

from collections.abc import Iterator

from authserver.access.permissions import powers
from authserver.explain.because import Because, ExplainedClaim, Way
from authserver.explain.question import UNIQUE, Question
from authserver.protocol.token import access_token
from authserver.protocol.token.access_token import Grantee
from authserver.protocol.token.api_scopes import limit_of, open_permissions
from authserver.protocol.token.granted_claims import access_token_names


def access_token_claims(question: Question, default_lifetime: int) -> list[ExplainedClaim]:
    """Every claim of the token, and those that are left out although one might expect them.

    `default_lifetime` is in seconds.
    """
    claims = access_token.access_token_claims(
        question.registry,
        question.client,
        Grantee(question.sub, question.roles, question.now, question.groups),
        question.reach,
        issuer=question.issuer,
        jti=UNIQUE,
        now=question.now,
        default_lifetime=default_lifetime,
    )
    names = access_token_names(question.client, question.api)
    reasons = {
        "iss": [Because("the setting AUTHSERVER_ISSUER")],
        "sub": [question.named],
        "aud": list(_audience(question)),
        "client_id": [Because("the client", question.at("client_id"))],
        "exp": [_lifetime(question)],
        "scope": list(_scope(question)),
        "auth_time": [Because("when the person signed in")],
        names.roles: [Because(f"{role} {why.text}", why.way) for role, ways in question.ways.items() for why in ways],
        names.permissions: list(_permissions(question)),
        names.groups: [Because(f"they are in {group}", ("groups", group)) for group in question.groups],
    }
    found = [ExplainedClaim(name, value, tuple(reasons.get(name, ()))) for name, value in claims.items()]
    for name in (names.roles, names.groups):
        if name is not None and name not in claims and question.api is not None:
            why = "is left out: the token has less than the whole API, and names of roles would tell of more"
            found.append(ExplainedClaim(name, None, (Because(why, ("apis", question.api.name, "roles_are_names")),)))
    return found


def _audience(question: Question) -> Iterator[Because]:
    api = question.api
    if api is None:
        yield Because("the client has no API, so the token opens userinfo alone", question.at("apis"))
        return
    if question.resources:
        chosen = "which resource names"
    else:
        chosen = "the first of the client's" if api.name == question.client.apis[0] else "which a scope means"
    yield Because(f"the API {api.name}, {chosen}", ("apis", api.name, "audience"))
    if len(question.reach.audiences) > 1:
        yield Because("the issuer, since openid is in scope and no resource was named: the token opens userinfo, too")


def _lifetime(question: Question) -> Because:
    client, api = question.client, question.api
    if client.access_token_lifetime:
        return Because(f"{client.access_token_lifetime} seconds, by the client", question.at("access_token_lifetime"))
    if api is not None and api.access_token_lifetime:
        way: Way = ("apis", api.name, "access_token_lifetime")
        return Because(f"{api.access_token_lifetime} seconds, by the API", way)
    return Because("the setting AUTHSERVER_ACCESS_TOKEN_LIFETIME")


def _scope(question: Question) -> Iterator[Because]:
    for word in question.asked.split():
        if word in question.reach.scope:
            continue
        if word in question.registry.known.by_scope or word in {"openid", "offline_access"}:
            yield Because(f"{word} is left out: the client may not ask for it", question.at("scopes"))
        elif question.api is not None and word in question.api.permissions:
            yield Because(f"{word} is left out: the person's roles do not give it, or the client may not have it")
        else:
            yield Because(f"{word} is left out: the API of this token has no such permission")


def _permissions(question: Question) -> Iterator[Because]:
    api = question.api
    if api is None:
        return
    given: dict[str, list[str]] = {}
    for role in question.roles:
        for name, permission in powers(question.registry, (role,)):
            if name == api.name:
                given.setdefault(permission, []).append(role)
    for permission, roles in sorted(given.items()):
        by = ", ".join(sorted(roles))
        if permission in question.reach.permissions:
            yield Because(f"{permission} is given by {by}", ("roles", sorted(roles)[0]))
        elif permission not in open_permissions(question.client, api):
            yield Because(f"{permission} is left out: the client may not have it of {api.name}", question.at("apis"))
        elif limit_of(question.client, api, question.request.api_scopes) is not None:
            yield Because(f"{permission} is left out: the client asked for scopes of {api.name}, and not for this one")
