"""What the client learns about the person: the claims of its ID token and of userinfo, and which scope opens each."""

from collections.abc import Iterator, Mapping
from typing import Any

from authserver.explain.because import Because, ExplainedClaim
from authserver.explain.question import Question
from authserver.protocol.claim_names import ClaimNames
from authserver.protocol.token.granted_claims import claims_for_client
from authserver.protocol.token.userinfo import claims_in_id_token, userinfo_claims


def id_token_claims(question: Question, person: Mapping[str, Any]) -> list[ExplainedClaim]:
    """What its ID token says, beside what every one does; nothing without `openid`. `person` are all claims kept."""
    if "openid" not in question.reach.scope:
        return []
    places, known = question.client.claims, question.registry.known
    said = claims_in_id_token(person, question.reach.scope, places.person, known)
    found = [ExplainedClaim("sub", question.sub, (question.named,))]
    found.append(ExplainedClaim("aud", question.client.client_id, (Because("the client", question.at("client_id")),)))
    way = question.at("claims", "id_token", "person")
    found += [
        ExplainedClaim(name, value, (Because(f"is asked for, and opened by the scope {known.scope_of[name]}", way),))
        for name, value in said.items()
    ]
    return [*found, *_granted(question, places.id_token, "id_token")]


def userinfo(question: Question, person: Mapping[str, Any]) -> list[ExplainedClaim]:
    """What userinfo answers; nothing where the token does not open it."""
    if question.issuer not in question.reach.audiences or "openid" not in question.reach.scope:
        return []
    known = question.registry.known
    said = userinfo_claims(question.sub, person, question.reach.scope, known)
    found = [
        ExplainedClaim(name, value, (Because(f"is opened by the scope {known.scope_of.get(name, 'openid')}"),))
        for name, value in said.items()
    ]
    return [*found, *_granted(question, question.client.claims.userinfo, "userinfo")]


def _granted(question: Question, names: ClaimNames, place: str) -> Iterator[ExplainedClaim]:
    if not names:
        return
    asked = question.request.api_scopes
    said = claims_for_client(question.registry, names, question.client, question.roles, question.groups, asked)
    for kind in ("roles", "permissions", "groups"):
        name = getattr(names, kind)
        if name is not None and name in said:
            yield ExplainedClaim(name, said[name], (Because(f"{kind}, under this name", question.at("claims", place)),))
