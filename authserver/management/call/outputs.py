"""What the API answers. Times are whole seconds since the epoch."""

from typing import Any

from pydantic import BaseModel, ConfigDict, create_model

from authserver.people.profile_fields import profile_shown


class Answer(BaseModel):
    """What is answered."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class MappedRoleRecord(Answer):
    """A role that follows from what a provider says of a person."""

    provider: str
    role: str
    expires_at: int
    """Until then it counts, in sessions that began at this provider and in authorizations out of these; a sign-in there
    prolongs it, or takes it away."""


class _Known(Answer):
    sub: str
    username: str
    email: str | None
    email_verified: bool


_Described: Any = create_model("Described", __base__=_Known, **profile_shown())


class PersonRecord(_Described):  # type: ignore[misc]  # its fields are those of the table of claims
    """A person. Whatever is not known is null."""

    has_password: bool
    disabled_at: int | None
    updated_at: int
    roles: list[str]
    """Given directly, by an administrator."""
    groups: list[str]
    mapped_roles: list[MappedRoleRecord]
    """Given by providers, also those whose time is over until the next sign-in there."""
    effective_roles: list[str]
    """All that count in one session or another: given, by groups or providers, brought along by others, or the default.
    A token has those of its own session."""
    undeclared_roles: list[str]
    """Given, but no file declares them: they give nothing."""
    undeclared_groups: list[str]
    claims: dict[str, bool | int | str | list[str]]
    """Those of clients.yaml."""
    undeclared_claims: list[str]
    """Kept, but no file declares them: nobody is told."""


class PeoplePage(Answer):
    """People by username; those with a role or in a group by `sub`.

    A page can have fewer than `limit`, even none, and not be the last.
    """

    items: list[PersonRecord]
    next: str | None
    """The cursor of the next page; null on the last."""


class Role(Answer):
    """A role of clients.yaml."""

    name: str
    includes: list[str]
    """The roles that it brings along."""
    permissions: dict[str, list[str]]
    """What it gives, by API."""
    may_give: list[str]
    """Roles and groups that it lets others be given, beside those that anybody may give who has them."""
    is_default: bool
    people: int
    """How many were given it directly, by an administrator or a provider; 1,000 is that many or more."""


class Roles(Answer):
    """Every role."""

    items: list[Role]
    undeclared: dict[str, int]
    """Roles that people have although no file declares them, and how many people, likewise: they give nothing."""


class Group(Answer):
    """A group of clients.yaml."""

    name: str
    roles: list[str]
    people: int
    """How many are in it; 1,000 is that many or more."""


class Groups(Answer):
    """Every group."""

    items: list[Group]
    undeclared: dict[str, int]


class SessionRecord(Answer):
    """A signed-in browser."""

    sid: str
    auth_time: int | None
    """When the person signed in; null where a provider vouched for them that does not say."""
    amr: list[str]
    created_at: int
    last_seen_at: int
    expires_at: int
    user_agent: str
    address: str


class SessionsPage(Answer):
    """The sessions of a person that live, the one that began last first."""

    items: list[SessionRecord]
    next: str | None


class FactorRecord(Answer):
    """A second factor of a person."""

    kind: str
    """`totp`: an authenticator app; `passkey`."""
    name: str
    created_at: int
    last_used_at: int | None
    aaguid: str | None
    """Of a passkey: the kind of authenticator, by what it says itself."""
    is_backed_up: bool | None
    """Of a passkey: whether a copy is kept elsewhere, so that it outlives its device."""


class FactorsList(Answer):
    """The second factors of a person, the oldest first."""

    items: list[FactorRecord]
    recovery_codes_left: int


class FactorResetLink(Answer):
    """A link that removes all second factors of a person, once."""

    link: str
    """Hand it over yourself: the person is told that it was made, and does not get it by mail."""
    works_from: int
    expires_at: int


class AuthorizationRecord(Answer):
    """What a client may do for a person."""

    id: str
    client_id: str
    sid: str
    scope: list[str]
    audiences: list[str]
    api_scopes: list[str] | None
    """Of APIs, such as `https://reports.example.com#read:reports`; null where no scope narrows what they give."""
    offline: bool
    created_at: int
    expires_at: int


class AuthorizationsPage(Answer):
    """The authorizations of a person that hold, the newest first."""

    items: list[AuthorizationRecord]
    next: str | None


class EventRecord(Answer):
    """An audit event."""

    id: int
    at: int
    name: str
    sub: str | None
    client_id: str | None
    address: str | None
    request_id: str | None
    detail: dict[str, object]


class EventsPage(Answer):
    """Events, the newest first."""

    items: list[EventRecord]
    next: str | None


class ClientRecord(Answer):
    """A registered client."""

    client_id: str
    name: str
    type: str
    token_endpoint_auth_method: str | None
    """The only one it may use; null where it may send its secret either way."""
    grant_types: list[str]
    scopes: list[str]
    apis: list[str]
    redirect_uris: list[str]
    post_logout_redirect_uris: list[str]
    initiate_login_uri: str | None
    backchannel_logout_uri: str | None
    registered_at: int | None
    """When it registered itself; null for one of clients.yaml."""
    disabled_at: int | None
    """Since when one that registered itself is refused everywhere; null where it is not."""
    unfit: str | None
    """Why one that registered itself no longer fits clients.yaml and is refused everywhere; null where it fits."""
    lost_scopes: list[str]
    """What one that registered itself registered for, and no file declares any more."""
    consent: str
    allowed_roles: list[str] | None
    """Who may sign in; null for everybody."""
    roles: list[str]


class RegistrationTokenRecord(Answer):
    """An initial access token: whoever has it can register clients."""

    id: str
    scope: str
    uses_left: int
    created_at: int
    expires_at: int


class RegistrationTokenList(Answer):
    """Those that have not ended."""

    items: list[RegistrationTokenRecord]


class NewRegistrationTokenRecord(RegistrationTokenRecord):
    """One that was just made."""

    token: str
    """Shown only once."""


class ClientsPage(Answer):
    """Clients by their id."""

    items: list[ClientRecord]
    next: str | None
    version: str
    """The version of clients.yaml."""


class RequestFault(BaseModel):
    """One fault of a request: at a JSON pointer into the body, or of a parameter."""

    pointer: str | None = None
    parameter: str | None = None
    detail: str


class Problem(BaseModel):
    """A refusal (RFC 9457)."""

    type: str
    title: str
    status: int
    error: str
    """A short name for programs."""
    detail: str
    errors: list[RequestFault] = []
