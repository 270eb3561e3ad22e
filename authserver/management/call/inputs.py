"""What the API takes: queries and bodies. What is not known is refused."""

from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model, model_validator
from pydantic_core import PydanticCustomError

from authserver.events import names
from authserver.keys.life import Begins
from authserver.people.profile_fields import profile_fields
from authserver.protocol.client.client import SigningAlg

# Control, line-separating and direction-changing characters could make a consent page or a log line lie.
PLAIN = r"^[^\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+$"
NAME = r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$"
MOST = 100


def _some_event(beginning: str) -> str:
    fault = names.fault(beginning)
    if fault:
        raise PydanticCustomError("event", "{fault}", {"fault": fault})
    return beginning


Text200 = Annotated[str, Field(min_length=1, max_length=200, pattern=PLAIN)]
Login = Annotated[str, Field(min_length=1, max_length=320, pattern=PLAIN)]
Names = Annotated[list[Annotated[str, Field(pattern=NAME)]], Field(max_length=MOST)]
# Which there are, and of which types, is for clients.yaml to say.
Claims = Annotated[
    dict[Annotated[str, Field(min_length=1, max_length=100)], bool | int | str | list[str] | None],
    Field(max_length=MOST),
]
EventBeginning = Annotated[str, Field(max_length=64, pattern=r"^[a-z_:]+$"), AfterValidator(_some_event)]


class Given(BaseModel):
    """What is sent: nothing but what is known."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)


class Query(BaseModel):
    """A query: text that is read as what it should be."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class PageQuery(Query):
    """A query for a page."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    """How many at most."""

    cursor: Annotated[str, Field(max_length=600, pattern=r"^[A-Za-z0-9_-]+$")] | None = None
    """Where the last page ended: its `next`."""


class PeopleQuery(PageQuery):
    """Which people."""

    cursor: Annotated[str, Field(max_length=1300, pattern=r"^[A-Za-z0-9_-]+$")] | None = None
    """Where the last page ended: its `next`. It holds what a name begins with, so it can be long."""

    search: Login | None = None
    """Whose username, full name, or email address begins with this, in any case. Pages are in the order of what begins
    so."""

    login: Login | None = None
    """This username or email address, in any spelling."""

    sub: Annotated[str, Field(max_length=255, pattern=r"^[A-Za-z0-9_-]+$")] | None = None
    """Who has this `sub`, or is known by it to a client with pairwise subs. Nothing else counts then."""

    role: Annotated[str, Field(pattern=NAME)] | None = None
    """Who was given this role directly, by an administrator or a provider."""

    group: Annotated[str, Field(pattern=NAME)] | None = None
    """Who is in this group."""

    disabled: bool | None = None
    """Who is, or is not, shut out."""


class AuthorizationsQuery(PageQuery):
    """Which authorizations of a person."""

    client_id: Text200 | None = None
    """Of this client."""


class ClientChange(Given):
    """What an administrator changes of a client that registered itself."""

    disabled: bool
    """Whether it is refused everywhere. Disabling ends all access that people gave it, which enabling does not bring
    back."""


class NewRegistrationToken(Given):
    """An initial access token for clients that register themselves."""

    uses: Annotated[int, Field(ge=1, le=100_000)] = 1
    """How many clients can register with it."""

    lifetime: Annotated[int, Field(ge=60, le=31_536_000)] = 604_800
    """Seconds until it ends."""

    scope: Annotated[str, Field(max_length=2000, pattern=r"^[!#-\[\]-~ ]*$")] = ""
    """The scopes that they may register for; empty for those of the setting."""


class EventsQuery(PageQuery):
    """Which events, the newest first."""

    name: EventBeginning | None = None
    """A name or its beginning, such as `user:login:`; one that no event has is refused."""

    sub: Annotated[str, Field(max_length=32, pattern=r"^[A-Za-z0-9_-]+$")] | None = None
    """About this person."""

    client_id: Text200 | None = None
    """Of this client."""

    request_id: Text200 | None = None
    """Of this request: its `X-Request-Id`."""


_Profile: Any = create_model("Profile", __base__=Given, **profile_fields())


class NewPerson(_Profile):  # type: ignore[misc]  # its fields are those of the table of claims
    """A person to be added, without a password: they set one by "Forgot password", or come by a provider."""

    username: Annotated[str, Field(min_length=1, max_length=128, pattern=PLAIN)]
    email: Login | None = None
    email_verified: bool = False
    """Whether the address is known to be theirs."""
    roles: Names | None = None
    """Left out: the default role."""
    groups: Names = Field(default=[])
    claims: Claims = Field(default={})
    """Those of clients.yaml."""


class PersonChange(_Profile):  # type: ignore[misc]  # likewise
    """What is to change; what is left out stays, null takes it away (RFC 7396)."""

    email: Login | None = None
    email_verified: bool = False
    """Whether the address is known to be theirs. Another address is not, unless this says so, which takes every
    permission that a role gives: else somebody could keep a way into an account that is given more one day."""
    claims: Claims = Field(default={})
    """Those of clients.yaml, each as it is to be; null takes one away, also one that is declared no longer."""
    disabled: bool = False
    """Shut out: no sign-in, and sessions and authorizations end."""

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("name at least one field")
        return self


class RolesGiven(Given):
    """Exactly these roles, whoever gave the earlier ones."""

    roles: Names
    end_access: bool = False
    """End sessions and authorizations, so that nothing is left that an earlier role allowed, but for access tokens that
    are out already where nobody asks the introspection endpoint."""


class GroupsGiven(Given):
    """Exactly these groups."""

    groups: Names
    end_access: bool = False
    """As with roles."""


class NewKey(Given):
    """A new signing key."""

    alg: SigningAlg = "RS256"
    soon: bool = False
    """Sign with it in 20 seconds, when every server publishes it, although resource servers with an older JWKS have to
    fetch it anew: where the active key may be known to others."""
    at_once: bool = False
    """Sign with it this second, when other servers may not publish it yet: for some seconds resource servers refuse
    its tokens and find no key even in a new JWKS. Rarely better than `soon`."""

    @property
    def begins(self) -> Begins:
        """When it signs; `at_once` goes before `soon`."""
        return "at_once" if self.at_once else "soon" if self.soon else "ahead"
