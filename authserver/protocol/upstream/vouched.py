"""What a provider says of a person, brought into shape, and what may be concluded from it.

Nothing in it is believed for its form: a claim that is missing, odd or huge is as good as none.
OpenID Connect Core §5.1, §5.7. https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from authserver.protocol.person.claims import PROFILE, PersonClaim, value_fault
from authserver.protocol.person.email_address import a_labels, domain_of, email_fault, is_at
from authserver.protocol.person.profile import tidy
from authserver.protocol.provider import EVERY_DOMAIN, Provider

NAMES = ("name", "given_name", "family_name")
_METHOD = re.compile(r"[A-Za-z0-9_.:-]{1,32}", re.ASCII)
_NAME = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)
# Their language and time zone are those of the browser until they choose others.
FURTHER = tuple(
    claim
    for name, claim in PROFILE.items()
    if claim.changed_by == "person" and name not in {*NAMES, "picture", "locale", "zoneinfo"}
)
MOST_METHODS, MOST_VALUES = 8, 500
MAX_NAME, MAX_PART, MAX_ACR = 200, 100, 200


@dataclass(frozen=True, slots=True)
class Vouched:
    """A person as a provider sees them. `email` is as they give it; `auth_time` is in seconds since the epoch.

    `further` are the other claims of a profile.
    """

    issuer: str
    subject: str
    email: str | None = None
    email_verified: bool = False
    hd: str | None = None
    username: str | None = None
    name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    picture: str | None = None
    auth_time: int | None = None
    amr: tuple[str, ...] = ()
    acr: str | None = None
    sid: str | None = None
    roles: frozenset[str] = frozenset()
    further: Mapping[str, Any] = field(default_factory=dict)

    @property
    def email_domain(self) -> str | None:
        """In A-labels and lower case."""
        return domain_of(self.email or "")

    @property
    def home_domain(self) -> str | None:
        """Google's `hd`, in A-labels and lower case."""
        return a_labels(self.hd or "")


def vouched(provider: Provider, claims: Mapping[str, Any]) -> Vouched | None:
    """What claims that were checked say; None where they name nobody."""
    subject = claims.get("sub")
    if not is_name(subject):
        return None
    auth_time = claims.get("auth_time")
    return Vouched(
        issuer=provider.issuer,
        subject=subject,
        email=_email(claims.get("email")),
        # Only the boolean: some providers send the text "false", which is as true as any text.
        email_verified=claims.get("email_verified") is True,
        hd=_line(claims.get("hd"), MAX_NAME),
        username=_line(claims.get("preferred_username"), MAX_PART),
        name=_line(claims.get("name"), PROFILE["name"].length),
        given_name=_line(claims.get("given_name"), PROFILE["given_name"].length),
        family_name=_line(claims.get("family_name"), PROFILE["family_name"].length),
        picture=_picture(claims.get("picture")),
        auth_time=auth_time if type(auth_time) is int and auth_time >= 0 else None,
        amr=_methods(claims.get("amr")),
        acr=_line(claims.get("acr"), MAX_ACR),
        sid=_sid(claims.get("sid")),
        roles=_roles(provider, claims),
        further=_further(claims),
    )


def is_name(value: object) -> TypeGuard[str]:
    """Whether it may be how a provider names a person (`sub`) or a session (`sid`); others are as good as none."""
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


def is_trusted(provider: Provider, person: Vouched) -> bool:
    """Whether the provider vouches for the address, and is the one to vouch for its domain."""
    domain = person.email_domain
    if domain is None or not person.email_verified:
        return False
    # A Workspace's administrators own the addresses of its domain; `hd` alone says that it is one of theirs.
    if provider.preset == "google" and person.home_domain == domain:
        return True
    return domain in provider.trusted_domains or EVERY_DOMAIN in provider.trusted_domains


def may_sign_in(provider: Provider, person: Vouched) -> bool:
    """Whether the provider's rules let this person in: the Workspace domain, the domains of addresses."""
    if provider.hd is not None and person.home_domain != provider.hd:
        return False
    if not provider.allowed_domains:
        return True
    return person.email_verified and is_at(person.email, provider.allowed_domains)


def _roles(provider: Provider, claims: Mapping[str, Any]) -> frozenset[str]:
    found: set[str] = set()
    for claim, given in provider.roles.items():
        value = claims.get(claim)
        values = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        found |= {given[each] for each in values[:MOST_VALUES] if isinstance(each, str) and each in given}
    return frozenset(found)


def _email(value: object) -> str | None:
    if not isinstance(value, str) or email_fault(value):
        return None
    return value


def _line(value: object, longest: int) -> str | None:
    return tidy(value, longest) if isinstance(value, str) and len(value) <= 10 * longest else None


def _picture(value: object) -> str | None:
    claim = PROFILE["picture"]
    return value if isinstance(value, str) and len(value) <= claim.length and not value_fault(claim, value) else None


def _further(claims: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for claim in FURTHER:
        said = claims.get(claim.name)
        if claim.members:
            members = said if isinstance(said, dict) else {}
            parts = {member.name: _text(member, members.get(member.name)) for member in claim.members}
            value: object = {name: text for name, text in parts.items() if text}
        else:
            value = _text(claim, said)
        if value:
            found[claim.name] = value
    return found


def _text(claim: PersonClaim, value: object) -> str | None:
    if not isinstance(value, str) or len(value) > 10 * claim.length:
        return None
    text = claim.typed(value)
    return None if text is None or value_fault(claim, text) else text


def _methods(value: object) -> tuple[str, ...]:
    methods = value if isinstance(value, list) else []
    kept = [each for each in methods[:MOST_METHODS] if isinstance(each, str) and _METHOD.fullmatch(each)]
    while len(" ".join(kept)) > MAX_PART:
        kept.pop()
    return tuple(dict.fromkeys(kept))


def _sid(value: object) -> str | None:
    return value if is_name(value) else None
