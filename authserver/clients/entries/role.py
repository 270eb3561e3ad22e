"""A role as clients.yaml has it: a list of permissions, or a mapping that says more."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Tag

from authserver.clients.file.names import GivenName, KnownLevel, KnownPermission, KnownRole, listed_once

Permissions = Annotated[list[KnownPermission], AfterValidator(listed_once)]
# What pydantic puts into the way to a fault for the form that was taken; no name of the file looks like these.
LIST, MAPPING = "[list]", "[mapping]"


class RoleEntry(BaseModel):
    """A role that includes other roles, or may give roles and groups."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    permissions: Permissions = []
    """Its own permissions; `admin:all` is every permission of every API."""

    roles: Annotated[list[KnownRole], AfterValidator(listed_once)] = []
    """Roles that everyone with this one has, too."""

    may_give: Annotated[list[GivenName], AfterValidator(listed_once)] = []
    """Roles and groups that people with this role may give, and whose members they may change, if their permissions let
    them change people at all. Required for names that give more than permissions: groups, roles without permissions,
    roles that a client's `allow` names or a client reads through `claims`, and roles that may give others."""

    require: KnownLevel | None = None
    """The level of authentication that people must reach before this role counts, which they are asked for when they
    sign in. Roles that include it need it, too."""


def form(value: object) -> str:
    """Which of the two forms a value has; what has neither is taken for a list."""
    return MAPPING if isinstance(value, (dict, RoleEntry)) else LIST


Role = Annotated[Annotated[Permissions, Tag(LIST)] | Annotated[RoleEntry, Tag(MAPPING)], Discriminator(form)]


def permissions_of(role: Role) -> frozenset[str]:
    """The permissions that a role names itself."""
    return frozenset(role.permissions if isinstance(role, RoleEntry) else role)


def roles_of(role: Role) -> tuple[str, ...]:
    """The roles that a role brings along."""
    return tuple(role.roles) if isinstance(role, RoleEntry) else ()


def may_give_of(role: Role) -> tuple[str, ...]:
    """The roles and groups that a role lets be given."""
    return tuple(role.may_give) if isinstance(role, RoleEntry) else ()


def require_of(role: Role) -> str | None:
    """The level that a role names itself."""
    return role.require if isinstance(role, RoleEntry) else None
