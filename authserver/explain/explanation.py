"""Everything about one person at one client, or about a client by itself."""

from dataclasses import dataclass

from authserver.explain.about_person import id_token_claims, userinfo
from authserver.explain.access_token import access_token_claims
from authserver.explain.because import Because, ExplainedClaim
from authserver.explain.entries import header
from authserver.explain.levels import missing_levels
from authserver.explain.question import Question
from authserver.explain.refusals import no_way_in, refusals
from authserver.store import Connection, person_claims
from authserver.store.factors import means


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why nothing would come of it, or the claims that would."""

    refusals: tuple[Because, ...]
    access_token: tuple[ExplainedClaim, ...] = ()
    id_token: tuple[ExplainedClaim, ...] = ()
    userinfo: tuple[ExplainedClaim, ...] = ()
    header: tuple[ExplainedClaim, ...] = ()
    """That of the access token."""

    notes: tuple[Because, ...] = ()
    """What stands in the way of neither the sign-in nor the request, but should be known."""


def explain(connection: Connection, question: Question, default_lifetime: int) -> Explanation:
    """Explain what this client would get for this person. `default_lifetime` of access tokens is in seconds."""
    methods = means.of_person(connection, question.user.sub)
    notes = tuple(no_way_in(question, methods))
    why_not = (*refusals(question), *missing_levels(question, methods))
    if why_not:
        return Explanation(why_not, notes=notes)
    person = person_claims.of(connection, question.user.sub, list(question.registry.known.scope_of))
    return Explanation(
        (),
        tuple(access_token_claims(question, default_lifetime)),
        tuple(id_token_claims(question, person)),
        tuple(userinfo(question, person)),
        header(question),
        notes,
    )
