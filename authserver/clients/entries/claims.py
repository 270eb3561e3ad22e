"""Where a client looks for roles, permissions and groups, and under which names; what its ID tokens say of a person."""

from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationInfo

from authserver.clients.file.names import ClaimName, Declared, KnownClaim, listed_once, rule
from authserver.protocol.claim_names import DEFAULT_PLACES, NO_CLAIMS, ClaimNames, ClaimPlaces
from authserver.protocol.token.userinfo import SUPPORTED

_SETUP = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class ClaimNamesEntry(BaseModel):
    """The names of the claims in one place; a claim without a name is left out."""

    model_config = _SETUP

    roles: ClaimName | None = None
    """The roles of the person, or of the service."""

    permissions: ClaimName | None = None
    """What the roles give: in an access token, for its own API; elsewhere, for every API of the client."""

    groups: ClaimName | None = None
    """The groups of the person."""


class IdTokenEntry(ClaimNamesEntry):
    """The names of the claims in an ID token, and what it says about the person."""

    person: Annotated[list[KnownClaim], AfterValidator(listed_once)] = []
    """What userinfo has, for applications that do not ask there: each if the application got
    [the scope that opens it](../relying-party.md#sign-a-person-in). With `email` comes `email_verified`."""


_Names = TypeVar("_Names", bound=ClaimNamesEntry)


def _differ(entry: _Names) -> _Names:
    names = [name for name in (entry.roles, entry.permissions, entry.groups) if name]
    if len(names) != len(set(names)):
        raise rule("two of these would share one claim: give each its own name")
    return entry


def _leave_the_profile(entry: _Names, info: ValidationInfo) -> _Names:
    declared: Declared | None = info.context
    own = declared.claims if declared is not None else frozenset()
    for name in (entry.roles, entry.permissions, entry.groups):
        if name in {*SUPPORTED, *own, "at_hash", "c_hash", "s_hash"}:
            raise rule(f"{name} is a claim with a meaning of its own: choose another name")
    return entry


Distinct = Annotated[ClaimNamesEntry, AfterValidator(_differ), AfterValidator(_leave_the_profile)]
DistinctInIdToken = Annotated[IdTokenEntry, AfterValidator(_differ), AfterValidator(_leave_the_profile)]


class ClaimsEntry(BaseModel):
    """The places where a client finds what a person may do, and who they are."""

    model_config = _SETUP

    access_token: Distinct | None = None
    """Default: roles and permissions, under the names of `roles_claim` and `permissions_claim`."""

    id_token: DistinctInIdToken | None = None
    """Default: nothing. Most applications that map their own roles look here."""

    userinfo: Distinct | None = None
    """Default: nothing."""


def claim_places(entry: ClaimsEntry | None) -> ClaimPlaces:
    """The places of a client's claims."""
    if entry is None:
        return DEFAULT_PLACES
    return ClaimPlaces(
        access_token=_names(entry.access_token) if entry.access_token else None,
        id_token=_names(entry.id_token),
        userinfo=_names(entry.userinfo),
        person=frozenset(entry.id_token.person if entry.id_token else ()),
    )


def _names(entry: ClaimNamesEntry | None) -> ClaimNames:
    return ClaimNames(entry.roles, entry.permissions, entry.groups) if entry else NO_CLAIMS
