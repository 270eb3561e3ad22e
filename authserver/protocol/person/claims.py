"""The claims about a person in one table, which columns, forms, the API, files, tokens and documents are made from.

OpenID Connect Core §5.1, §5.4. https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from authserver.protocol.person.profile import line_fault, locale_fault, picture_fault, zoneinfo_fault
from authserver.protocol.words import marked

# Who changes it as a part of the profile. What stands elsewhere has a way of its own, or follows by itself.
ChangedBy = Literal["person", "elsewhere"]


@dataclass(frozen=True, slots=True)
class PersonClaim:
    """A claim, the scope that opens it, and how it is kept.

    `length` is the most characters of a text. `check` says in words what is wrong with a text, or None. `label`,
    `note`, `input` and `autocomplete` are what a form shows (HTML §4.10.5, §4.10.18.7.1). `column` is where it is kept,
    if that has another name. `beside`: never said without this other claim.
    """

    name: str
    scope: str
    label: str = ""
    length: int = 0
    changed_by: ChangedBy = "person"
    check: Callable[[str], str | None] | None = None
    note: str = ""
    input: Literal["text", "url"] = "text"
    autocomplete: str = "off"
    column: str = ""
    beside: str = ""

    @property
    def kept_in(self) -> str:
        """The column of the table of people."""
        return self.column or self.name


PERSON_CLAIMS = (
    PersonClaim("name", "profile", marked("Full name"), 200, autocomplete="name"),
    PersonClaim("given_name", "profile", marked("Given name"), 100, autocomplete="given-name"),
    PersonClaim("family_name", "profile", marked("Family name"), 100, autocomplete="family-name"),
    PersonClaim("preferred_username", "profile", changed_by="elsewhere", column="username"),
    PersonClaim(
        "picture",
        "profile",
        marked("Picture"),
        2000,
        check=picture_fault,
        note=marked("The URL of an image. It must start with https://."),
        input="url",
        autocomplete="photo",
    ),
    PersonClaim(
        "locale",
        "profile",
        marked("Language"),
        35,
        check=locale_fault,
        note=marked("For example en, de, or pt-BR."),
        autocomplete="language",
    ),
    PersonClaim(
        "zoneinfo",
        "profile",
        marked("Time zone"),
        64,
        check=zoneinfo_fault,
        note=marked("For example Europe/Berlin."),
    ),
    PersonClaim("updated_at", "profile", changed_by="elsewhere"),
    PersonClaim("email", "email", changed_by="elsewhere"),
    PersonClaim("email_verified", "email", changed_by="elsewhere", beside="email"),
)
PROFILE = {claim.name: claim for claim in PERSON_CLAIMS if claim.changed_by != "elsewhere"}


def value_fault(claim: PersonClaim, text: str) -> str | None:
    """Why this text cannot stand there, however short it is, or None."""
    return line_fault(text) or (claim.check(text) if claim.check else None)
