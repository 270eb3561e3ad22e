"""The claims about a person that each scope opens, at userinfo and in ID tokens.

OpenID Connect Core §5.1, §5.3.2, §5.4. https://openid.net/specs/openid-connect-core-1_0.html#ScopeClaims
"""

from collections.abc import Collection, Mapping

from authserver.protocol.person.known_claims import STANDARD, KnownClaims

# What every server of OpenID Connect says by these names, whatever an administrator declares.
SUPPORTED = ("sub", *STANDARD.scope_of)


def person_claims(
    person: Mapping[str, object], scope: Collection[str], known: KnownClaims = STANDARD
) -> dict[str, object]:
    """What the scopes open and is known."""
    return {name: person[name] for name in known.opened(scope) if known.can_be_said(person, name)}


def claims_in_id_token(
    person: Mapping[str, object],
    scope: Collection[str],
    wanted: Collection[str],
    known: KnownClaims = STANDARD,
) -> dict[str, object]:
    """Those of the wanted claims that the scopes open; an email never comes without `email_verified`."""
    found = person_claims(person, scope, known)
    return {name: value for name, value in found.items() if known.beside[name] in wanted}


def userinfo_claims(
    sub: str, person: Mapping[str, object], scope: Collection[str], known: KnownClaims = STANDARD
) -> dict[str, object]:
    """`sub` and what the scopes open."""
    return {"sub": sub, **person_claims(person, scope, known)}
