"""The claims about a person in one table, which columns, forms, the API, files, tokens and documents are made from.

OpenID Connect Core §5.1, §5.4. https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from authserver.protocol.person import profile as checks
from authserver.protocol.person.profile import line_fault, lines_fault, tidy, tidy_lines
from authserver.protocol.words import marked

# Who changes it as a part of the profile. What stands elsewhere has a way of its own, or follows by itself.
ChangedBy = Literal["person", "administrator", "elsewhere"]
# An object has the members of the claim, each a text.
ClaimType = Literal["string", "boolean", "object"]
Group = Literal["name", "about", "language", "phone", "address"]
Value = str | bool | dict[str, str] | None

# The parts of the form, in their order.
GROUPS: dict[Group, str] = {
    "name": marked("Name"),
    "language": marked("Language and time zone"),
    "about": marked("About you"),
    "phone": marked("Phone"),
    "address": marked("Address"),
}


@dataclass(frozen=True, slots=True)
class PersonClaim:
    """A claim, the scope that opens it, and how it is kept.

    `length` is the most characters of a text, `lines` whether it may have several lines. `check` says in words what is
    wrong with a text, or None; `clean` makes of a person's spelling the one that is kept. `label`, `note`, `input`,
    `autocomplete` and `group` are what a form shows (HTML §4.10.5, §4.10.18.7.1). `column` is where it is kept, if that
    has another name. `beside`: never said without this other claim. `members` are those of an object.
    """

    name: str
    scope: str
    label: str = ""
    length: int = 0
    changed_by: ChangedBy = "person"
    type: ClaimType = "string"
    check: Callable[[str], str | None] | None = None
    clean: Callable[[str], str] | None = None
    note: str = ""
    group: Group = "name"
    input: Literal["text", "url", "tel"] = "text"
    autocomplete: str = "off"
    column: str = ""
    beside: str = ""
    lines: bool = False
    members: tuple["PersonClaim", ...] = ()

    @property
    def kept_in(self) -> str:
        """The column of the table of people."""
        return self.column or self.name

    @property
    def nothing(self) -> Value:
        """What it is where nothing is known."""
        return False if self.type == "boolean" else None

    @property
    def typed_length(self) -> int:
        """The most characters that are typed: what is left out of them does not count."""
        return 2 * self.length if self.clean else self.length

    def typed(self, text: str | None) -> str | None:
        """A text as it is kept, of what was typed or said elsewhere; None where nothing is left."""
        cleaned = self.clean(text) if text and self.clean else text
        return (tidy_lines if self.lines else tidy)(cleaned, self.typed_length)

    def fields(self) -> Iterator[tuple[str, "PersonClaim"]]:
        """The texts that it consists of, as a form or a command names them: its own, or those of its members."""
        if not self.members:
            yield self.name, self
        for member in self.members:
            yield f"{self.name}_{member.name}", member


def _of_profile(name: str, label: str, length: int, **more: Any) -> PersonClaim:
    return PersonClaim(name, "profile", label, length, **more)


def _of_address(name: str, label: str, length: int, **more: Any) -> PersonClaim:
    return PersonClaim(name, "address", label, length, group="address", **more)


# OpenID Connect Core §5.1.1, in the order in which an address is typed.
ADDRESS = (
    _of_address("street_address", marked("Street and number"), 500, autocomplete="street-address", lines=True),
    _of_address("postal_code", marked("Postal code"), 40, autocomplete="postal-code"),
    _of_address("locality", marked("City"), 200, autocomplete="address-level2"),
    _of_address("region", marked("State or region"), 200, autocomplete="address-level1"),
    _of_address("country", marked("Country"), 200, autocomplete="country-name"),
    _of_address(
        "formatted",
        marked("As on an envelope"),
        1000,
        lines=True,
        note=marked("The whole address. If you change the fields above, change this, too."),
    ),
)
PERSON_CLAIMS = (
    _of_profile("name", marked("Full name"), 200, autocomplete="name"),
    _of_profile("given_name", marked("Given name"), 100, autocomplete="given-name"),
    _of_profile("middle_name", marked("Middle name"), 100, autocomplete="additional-name"),
    _of_profile("family_name", marked("Family name"), 100, autocomplete="family-name"),
    _of_profile("nickname", marked("Nickname"), 100, autocomplete="nickname"),
    PersonClaim("preferred_username", "profile", changed_by="elsewhere", column="username"),
    _of_profile(
        "picture",
        marked("Picture"),
        2000,
        check=checks.picture_fault,
        note=marked("The URL of an image. It must start with https://."),
        group="about",
        input="url",
        autocomplete="photo",
    ),
    _of_profile("profile", marked("Profile page"), 2000, check=checks.url_fault, group="about", input="url"),
    _of_profile(
        "website", marked("Website"), 2000, check=checks.url_fault, group="about", input="url", autocomplete="url"
    ),
    _of_profile(
        "gender",
        marked("Gender"),
        100,
        note=marked("female, male, or in your own words."),
        group="about",
        autocomplete="sex",
    ),
    _of_profile(
        "birthdate",
        marked("Date of birth"),
        10,
        check=checks.birthdate_fault,
        note=marked(
            "Year-month-day, such as 1990-12-31. 0000-12-31 keeps the year to yourself; 1990 is the year alone."
        ),
        group="about",
        autocomplete="bday",
    ),
    _of_profile(
        "locale",
        marked("Language"),
        35,
        check=checks.locale_fault,
        group="language",
        autocomplete="language",
    ),
    _of_profile(
        "zoneinfo",
        marked("Time zone"),
        64,
        check=checks.zoneinfo_fault,
        group="language",
    ),
    PersonClaim("updated_at", "profile", changed_by="elsewhere"),
    PersonClaim("email", "email", changed_by="elsewhere"),
    PersonClaim("email_verified", "email", changed_by="elsewhere", type="boolean", beside="email"),
    PersonClaim("address", "address", marked("Address"), type="object", members=ADDRESS, group="address"),
    PersonClaim(
        "phone_number",
        "phone",
        marked("Phone number"),
        16,
        check=checks.phone_fault,
        clean=checks.phone_as_typed,
        note=marked("With the country code, for example +49 30 123456."),
        group="phone",
        input="tel",
        autocomplete="tel",
    ),
    # Nothing here sends a code to a phone: only an administrator can know that it is theirs.
    PersonClaim(
        "phone_number_verified",
        "phone",
        marked("Verified phone number"),
        changed_by="administrator",
        type="boolean",
        beside="phone_number",
    ),
)
PROFILE = {claim.name: claim for claim in PERSON_CLAIMS if claim.changed_by != "elsewhere"}
# What a profile consists of where it is typed: an object is its members, such as `address_country`.
FIELDS = {name: field for claim in PROFILE.values() for name, field in claim.fields()}
NO_PROFILE: dict[str, Value] = {name: claim.nothing for name, claim in PROFILE.items()}


def value_fault(claim: PersonClaim, text: str) -> str | None:
    """Why this text cannot stand there, however short it is, or None."""
    fault = lines_fault(text) if claim.lines else line_fault(text)
    return fault or (claim.check(text) if claim.check else None)


def of_fields(typed: Mapping[str, Any], kept: Mapping[str, Any] = NO_PROFILE) -> dict[str, Any]:
    """The claims of these fields. Of an object, members without a field stay as they are kept."""
    given: dict[str, Any] = {}
    for name, claim in PROFILE.items():
        said = {field.name: typed[each] for each, field in claim.fields() if each in typed}
        if said:
            given[name] = merged(claim, kept[name], said) if claim.members else said[name]
    return given


def merged(claim: PersonClaim, kept: Value, given: Mapping[str, str | None]) -> Value:
    """An object with the members that are given; None takes one away (RFC 7396). None where none is left."""
    said: Mapping[str, str | None] = {**(kept if isinstance(kept, dict) else {}), **given}
    return {member.name: text for member in claim.members if (text := said.get(member.name))} or None
