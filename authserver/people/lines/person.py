"""A person as a line of JSON: what `export` writes and `import` reads."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import AfterValidator, ConfigDict, Field, ValidationError, create_model, field_validator, model_validator

from authserver.people.profile_fields import profile_fields, profile_of
from authserver.protocol.client.registry import Registry
from authserver.protocol.person.email_address import email_fault
from authserver.protocol.person.password_hash import Argon2, HashError, parse
from authserver.protocol.person.username import username_fault, username_key


class LineError(ValueError):
    """A line that is no person; the text says why, and holds nothing of the line but the names of its fields."""


def _one_line(text: str) -> str:
    # PostgreSQL holds no NUL, nothing holds half a surrogate pair, and a name is one line everywhere it is shown.
    if not text.isprintable():
        raise ValueError("has unprintable characters")
    return text


Text = Annotated[str, AfterValidator(_one_line)]


_Profile: Any = create_model("Profile", **profile_fields(shortest=0))


class PersonLine(_Profile):  # type: ignore[misc]  # its fields are those of the table of claims
    """One line. `sub` keeps a person's identity for clients when they move here; times are seconds since the epoch."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    username: Text
    sub: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_-]{1,32}$")
    email: Text | None = None
    email_verified: bool = False
    roles: list[str] | None = Field(default=None, max_length=100)
    groups: list[str] = Field(default=[], max_length=100)
    claims: dict[Text, bool | int | str | list[str]] | None = Field(default=None, max_length=100)
    password_hash: str | None = None
    created_at: int | None = Field(default=None, ge=0, lt=2**40)
    updated_at: int | None = Field(default=None, ge=0, lt=2**40)
    disabled_at: int | None = Field(default=None, ge=0, lt=2**40)

    @field_validator("password_hash")
    @classmethod
    def _can_be_verified(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            stored = parse(value)
        except HashError as error:
            raise ValueError(str(error)) from None
        return stored.text if isinstance(stored, Argon2) else value

    @model_validator(mode="after")
    def _is_a_person(self) -> Self:
        faults = [
            fault
            for value, check in (
                (self.username, username_fault),
                (self.email, email_fault),
            )
            if value is not None and (fault := check(value))
        ]
        if self.email_verified and self.email is None:
            faults.append("email_verified without email")
        if self.phone_number_verified and not self.phone_number:
            faults.append("phone_number_verified without phone_number")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def columns(self, now: int) -> dict[str, Any]:
        """The row of the table; what the line leaves out begins `now`."""
        row = self.model_dump(exclude={"roles", "groups"})
        columns: dict[str, Any] = row | {
            "username": username_key(self.username),
            **profile_of(row),
            "created_at": self.created_at or now,
            "updated_at": self.updated_at or now,
        }
        return columns


def read(line: bytes) -> PersonLine:
    """The person of a line. Raises LineError with every fault of it."""
    try:
        person: PersonLine = PersonLine.model_validate_json(line)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        said = [_fault(".".join(map(str, fault["loc"])), fault["msg"]) for fault in faults]
        raise LineError("; ".join(said)) from None
    return person


def _nothing(_name: str, _known: Iterable[str]) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class LineRules:
    """What clients.yaml says of lines; without a registry, that is not checked.

    `default` are the roles of whoever has none. `meant` ends a sentence with the name that was probably meant.
    """

    registry: Registry | None
    default: tuple[str, ...]
    meant: Callable[[str, Iterable[str]], str] = _nothing

    def checked(self, person: PersonLine) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The roles and groups that a person of a line gets. Raises LineError."""
        if self.registry is not None:
            self._check_sub(person, self.registry)
            self._check_claims(person, self.registry)
            self._check_names("role", person.roles or (), self.registry.roles)
            self._check_names("group", person.groups, self.registry.groups)
        roles = self.default if person.roles is None else tuple(person.roles)
        return roles, tuple(person.groups)

    def _check_sub(self, person: PersonLine, registry: Registry) -> None:
        # An API would take the one for the other (RFC 9700 §4.15).
        if registry.client(person.sub) is not None:
            raise LineError(f"'sub': {person.sub!r} is the client_id of a client in clients.yaml")

    def _check_names(self, kind: str, names: Iterable[str], declared: Iterable[str]) -> None:
        for name in names:
            if name not in declared:
                raise LineError(f"{name[:64]!r} is not a {kind} in clients.yaml{self.meant(name, declared)}")

    def _check_claims(self, person: PersonLine, registry: Registry) -> None:
        own = registry.known.own
        for name, value in (person.claims or {}).items():
            if fault := registry.known.own_fault(name, value):
                hint = "" if name in own else self.meant(name, own)
                raise LineError(f"{f'claims.{name[:100]}'!r}: {fault}{hint}")


def _fault(place: str, message: str) -> str:
    text = message.removeprefix("Value error, ")
    # A field that is not known could be named anything, a line break among it.
    return f"{place!r}: {text}" if place else text
