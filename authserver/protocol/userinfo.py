"""The claims about a person that each scope opens, at userinfo and in ID tokens.

OpenID Connect Core §5.1, §5.3.2, §5.4. https://openid.net/specs/openid-connect-core-1_0.html#ScopeClaims
"""

from collections.abc import Collection, Mapping

from authserver.protocol.person_claims import PERSON_CLAIMS

CLAIMS: dict[str, tuple[str, ...]] = {
    scope: tuple(claim.name for claim in PERSON_CLAIMS if claim.scope == scope)
    for scope in dict.fromkeys(claim.scope for claim in PERSON_CLAIMS)
}
SUPPORTED = ("sub", *(claim.name for claim in PERSON_CLAIMS))


def person_claims(person: Mapping[str, object], scope: Collection[str]) -> dict[str, object]:
    """What the scopes open; what is not known is left out, and no email means no `email_verified`."""
    names = [name for opened, claims in CLAIMS.items() if opened in scope for name in claims]
    known = {name: person[name] for name in names if person.get(name) is not None}
    if "email" not in known:
        known.pop("email_verified", None)
    return known


def claims_in_id_token(
    person: Mapping[str, object], scope: Collection[str], wanted: Collection[str]
) -> dict[str, object]:
    """Those of the wanted claims that the scopes open; an email never comes without `email_verified`."""
    return {
        name: value
        for name, value in person_claims(person, scope).items()
        if name in wanted or (name == "email_verified" and "email" in wanted)
    }


def userinfo_claims(sub: str, person: Mapping[str, object], scope: Collection[str]) -> dict[str, object]:
    """`sub` and what the scopes open."""
    return {"sub": sub, **person_claims(person, scope)}
