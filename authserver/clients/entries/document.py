"""The whole of clients.yaml: APIs, roles, claims, clients and providers."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

from authserver.access.expectation import FORMS, expectation
from authserver.clients.entries.client import ClientEntry
from authserver.clients.entries.level import LevelEntry, LevelName
from authserver.clients.entries.own_claim import OwnClaimEntry
from authserver.clients.entries.role import Role
from authserver.clients.entries.second_factor import SecondFactorEntry
from authserver.clients.entries.secret import SecretEntry
from authserver.clients.entries.workload import WorkloadIssuerEntry
from authserver.clients.file.faults import did_you_mean, quoted
from authserver.clients.file.names import (
    Audience,
    ClaimName,
    Declared,
    DeclaredApiName,
    KnownApi,
    KnownLevel,
    KnownRole,
    Name,
    OwnClaimName,
    PermissionName,
    ProviderName,
    RoleName,
    listed_once,
    rule,
)
from authserver.clients.providers.entry import ProviderEntry
from authserver.protocol.client.client import SigningAlg
from authserver.protocol.management import NAME

Exchanges = dict[str, dict[str, list[str]]]
Needed = Field(min_length=1)


def _with_a_secret(value: list[str], info: ValidationInfo) -> list[str]:
    if value and info.data.get("secrets") == []:
        raise rule(
            "needs a secret of this API's own (secrets), by which the introspection endpoint knows who is asking"
        )
    return value


def _exchanges(value: Exchanges, info: ValidationInfo) -> Exchanges:
    if value and info.data.get("secrets") == []:
        raise rule("needs a secret of this API's own (secrets), by which the token endpoint knows who is asking")
    if NAME in value:
        raise rule("no API may act for people at the management API")
    return value


def _sentence(value: str, info: ValidationInfo) -> str:
    """An expectation that names what the file declares; whether the person is there, only the database knows."""
    expected = expectation(value)
    if expected is None:
        raise rule(f"is not understood: {FORMS}")
    declared: Declared | None = info.context
    if declared is None:
        return value
    kinds = {"client": declared.clients, "role": declared.roles, "permission": declared.permissions}
    named = [(expected.kind, expected.name), *([("client", expected.client)] if expected.client else [])]
    for kind, name in named:
        if name not in kinds[kind]:
            raise rule(f"no {kind} is named {quoted(name)}{did_you_mean(name, kinds[kind])}")
    return value


class ApiEntry(BaseModel):
    """An API (a resource server): its audience and its permissions (RFC 8707, RFC 9068)."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    audience: Audience
    """The `aud` of its access tokens: an absolute URI, usually its address."""

    permissions: dict[PermissionName, Name] = {}
    """Its permissions, each with a sentence for people. Each is also a scope, by which a client asks for less."""

    access_token_lifetime: int | None = Field(default=None, ge=60, le=3600)
    """Seconds; overrides the server's setting."""

    roles_claim: ClaimName = "roles"
    """The name of the roles claim in its tokens."""

    permissions_claim: ClaimName = "permissions"
    """The name of the permissions claim in its tokens."""

    signing_alg: SigningAlg | None = None
    """What its access tokens are signed with, whichever client gets them. Default: the `signing_alg` of each client.
    And what introspection signs its answers to this API with, where it asks for a JWT (RFC 9701). Default: RS256."""

    roles_are_names: bool = False
    """`true` if it decides nothing by roles and groups. Then they stay in tokens that were narrowed by scope, which
    otherwise carry permissions alone: an API that decides by a role would let them do more than they may."""

    secrets: list[SecretEntry] = []
    """With a secret, the API may call the introspection endpoint. Its client_id there is its name here."""

    introspects: Annotated[list[KnownApi], AfterValidator(listed_once), AfterValidator(_with_a_secret)] = []
    """Other APIs whose tokens may be introspected with its secret, if one program serves several."""

    exchanges: Annotated[dict[KnownApi, dict[str, Annotated[list[str], Needed]]], AfterValidator(_exchanges)] = {}
    """Other APIs that it calls for people, by exchanging the tokens that it is sent (RFC 8693). For each of their
    permissions, the permissions here of which such a token must have one: `{storage: {read:files: [read:reports]}}`. It
    needs a secret."""

    require_acr: KnownLevel | None = None
    """The level of authentication that a person must reach before anyone gets a token for it."""


class ClientsDocument(BaseModel):
    """What an administrator declares: APIs and their permissions, roles, clients."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        title="clients.yaml",
    )

    apis: dict[DeclaredApiName, ApiEntry] = {}
    """APIs by name."""

    roles: dict[RoleName, Role] = {}
    """Roles, each a list of permissions, of which `admin:all` is every permission of every API, or a mapping if a role
    includes other roles."""

    groups: dict[RoleName, Annotated[list[KnownRole], AfterValidator(listed_once)]] = {}
    """Groups and the roles that everyone in them has. The database stores who is in which group."""

    acr: dict[LevelName, LevelEntry] = {}
    """Levels of authentication by name, which is the `acr` of tokens. One that includes another is higher; that follows
    from the ways that reach them."""

    default_role: KnownRole | None = None
    """The role of new people and of everyone who has none."""

    second_factor: SecondFactorEntry | None = None
    """From when on a second factor is required, and of whom. Left out: of nobody."""

    claims: dict[OwnClaimName, OwnClaimEntry] = {}
    """Claims about a person beside the standard ones, by name."""

    profile: Literal["fapi2"] | None = None
    """`fapi2`: every client follows the FAPI 2.0 Security Profile, and the metadata offer nothing weaker."""

    clients: list[ClientEntry] = []
    """Clients: who may send people here, or ask for tokens."""

    providers: dict[ProviderName, ProviderEntry] = {}
    """Upstream providers that vouch for people, by name: Google, GitHub, any OpenID provider."""

    workload_issuers: dict[ProviderName, WorkloadIssuerEntry] = {}
    """Who signs the tokens by which programs elsewhere act as clients, by name: GitHub Actions, GitLab CI, a Kubernetes
    cluster. Each client lists the `workloads` that may act as it."""

    expect: Annotated[list[Annotated[str, AfterValidator(_sentence)]], AfterValidator(listed_once)] = []
    """What must stay true, which `authserver clients plan` checks against the database: `ana may sign in to grafana`,
    `ana in grafana has role editor`, `ana has no permission read:reports`. People are named by username or e-mail
    address."""
