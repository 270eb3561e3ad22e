"""The claims about a person that each scope opens, at userinfo and in ID tokens.

OpenID Connect Core §5.1, §5.3.2, §5.4. https://openid.net/specs/openid-connect-core-1_0.html#ScopeClaims
"""

from collections.abc import Collection, Mapping

from authserver.protocol.person.claims import PERSON_CLAIMS

CLAIMS: dict[str, tuple[str, ...]] = {
    scope: tuple(claim.name for claim in PERSON_CLAIMS if claim.scope == scope)
    for scope in dict.fromkeys(claim.scope for claim in PERSON_CLAIMS)
}
SUPPORTED = ("sub", *(claim.name for claim in PERSON_CLAIMS))
# The claim that each is never said without; for most that is itself.
BESIDE = {claim.name: claim.beside or claim.name for claim in PERSON_CLAIMS}


def person_claims(person: Mapping[str, object], scope: Collection[str]) -> dict[str, object]:
    """What the scopes open and is known."""
    names = [name for opened, claims in CLAIMS.items() if opened in scope for name in claims]
    return {name: person[name] for name in names if is_known(person, name)}


def names_opened(scope: Collection[str]) -> frozenset[str]:
    """The names of the claims that these scopes open."""
    return frozenset(name for opened, claims in CLAIMS.items() if opened in scope for name in claims)


def with_those_beside(names: Collection[str]) -> frozenset[str]:
    """These claims, those that are never said without them, and those that they are never said without."""
    return frozenset(
        each for name, other in BESIDE.items() if name in names or other in names for each in (name, other)
    )


def is_known(person: Mapping[str, object], name: str) -> bool:
    """Whether a claim can be said: no email means no `email_verified`."""
    return person.get(name) is not None and person.get(BESIDE[name]) is not None


def claims_in_id_token(
    person: Mapping[str, object], scope: Collection[str], wanted: Collection[str]
) -> dict[str, object]:
    """Those of the wanted claims that the scopes open; an email never comes without `email_verified`."""
    return {name: value for name, value in person_claims(person, scope).items() if BESIDE[name] in wanted}


def userinfo_claims(sub: str, person: Mapping[str, object], scope: Collection[str]) -> dict[str, object]:
    """`sub` and what the scopes open."""
    return {"sub": sub, **person_claims(person, scope)}
