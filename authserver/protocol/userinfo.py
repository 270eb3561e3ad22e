"""The claims about a person that each scope opens.

OpenID Connect Core §5.1, §5.3.2, §5.4. https://openid.net/specs/openid-connect-core-1_0.html#ScopeClaims
"""

from collections.abc import Collection, Mapping

CLAIMS = {
    "profile": (
        "name",
        "given_name",
        "family_name",
        "preferred_username",
        "picture",
        "locale",
        "zoneinfo",
        "updated_at",
    ),
    "email": ("email", "email_verified"),
}
SUPPORTED = ("sub", *CLAIMS["profile"], *CLAIMS["email"])


def userinfo_claims(sub: str, person: Mapping[str, object], scope: Collection[str]) -> dict[str, object]:
    """`sub` and what the scopes open; what is not known is left out, and no e-mail means no `email_verified`."""
    names = [name for opened, claims in CLAIMS.items() if opened in scope for name in claims]
    known = {name: person[name] for name in names if person.get(name) is not None}
    if "email" not in known:
        known.pop("email_verified", None)
    return {"sub": sub, **known}
