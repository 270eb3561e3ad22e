"""The claims of the access token, and why each is as it is (RFC 9068 §2.2)."""

from collections.abc import Iterator

from authserver.explain.because import Because, ExplainedClaim
from authserver.explain.entries import UNIQUE, audience, bound, confirmation, lifetime, permissions
from authserver.explain.question import Question
from authserver.protocol.token import access_token
from authserver.protocol.token.access_token import Grantee, jti_of
from authserver.protocol.token.api_scopes import limit_of
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
        # It hangs on an authorization.
        jti=jti_of(UNIQUE, UNIQUE),
        now=question.now,
        default_lifetime=default_lifetime,
        confirmation=confirmation(question.client),
    )
    names = access_token_names(question.client, question.api)
    reasons = {
        "iss": [Because("the setting AUTHSERVER_ISSUER")],
        "sub": [question.named],
        "aud": list(_audience(question)),
        "client_id": [Because("the client", question.at("client_id"))],
        "exp": [lifetime(question)],
        "scope": list(_scope(question)),
        "cnf": [bound(question)],
        "auth_time": [Because("when the person signed in")],
        "may_act": [Because("the API may exchange it for a token of another")],
        names.roles: [Because(f"{role} {why.text}", why.way) for role, ways in question.ways.items() for why in ways],
        names.permissions: list(permissions(question, narrowed=_narrowed(question))),
        names.groups: [Because(f"they are in {group}", ("groups", group)) for group in question.groups],
    }
    found = [ExplainedClaim(name, value, tuple(reasons.get(name, ()))) for name, value in claims.items()]
    for name in (names.roles, names.groups):
        if name is not None and name not in claims and question.api is not None:
            why = "is left out: the token has less than the whole API, and names of roles would tell of more"
            found.append(ExplainedClaim(name, None, (Because(why, ("apis", question.api.name, "roles_are_names")),)))
    return found


def _audience(question: Question) -> Iterator[Because]:
    if question.api is None:
        yield Because("the client has no API, so the token opens userinfo alone", question.at("apis"))
    yield from audience(question)
    if len(question.reach.audiences) > 1:
        yield Because("the issuer, since openid is in scope and no resource was named: the token opens userinfo, too")


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


def _narrowed(question: Question) -> bool:
    api = question.api
    return api is not None and limit_of(question.client, api, question.request.api_scopes) is not None
