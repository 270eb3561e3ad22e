"""The texts of clients.yaml: which characters each may have, and which names must be declared elsewhere in the file."""

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from authserver.clients.file.faults import did_you_mean, quoted
from authserver.protocol import management
from authserver.protocol.acr import METHODS
from authserver.protocol.client.registry import EVERY_PERMISSION, REGISTERED
from authserver.protocol.person.claims import PERSON_CLAIMS
from authserver.protocol.registered_claims import registered_alike
from authserver.protocol.request.scope import SUPPORTED
from authserver.protocol.token.userinfo import SUPPORTED as SUPPORTED_CLAIMS

# Control, line-separating and direction-changing characters could make a consent page or a log line lie.
_MISLEADING = r"\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff"
# RFC 9068 §2.2, RFC 7519 §4.1, RFC 8693 §4, RFC 9449 §6: claims that this server writes or a resource server trusts.
_TAKEN_CLAIMS = frozenset(
    {"iss", "sub", "aud", "exp", "iat", "nbf", "jti", "client_id", "scope", "auth_time", "acr", "amr", "sid", "azp"}
    | {"nonce", "cnf", "act", "may_act", "authorization_details"}
)
# What comes along with another is not asked for by itself.
BESIDE = {claim.name: claim.beside for claim in PERSON_CLAIMS if claim.beside}
SAID_BY_NAME = tuple(claim.name for claim in PERSON_CLAIMS if not claim.beside)


def rule(what: str) -> PydanticCustomError:
    """A broken rule, in words."""
    return PydanticCustomError("rule", "{what}", {"what": what})


@dataclass(frozen=True, slots=True)
class Declared:
    """The names that the file declares, whether or not what stands under them is sound."""

    apis: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    providers: frozenset[str] = frozenset()
    claims: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    clients: frozenset[str] = frozenset()
    workload_issuers: frozenset[str] = frozenset()
    levels: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Shape:
    """A pattern that a text must match, and the same in words."""

    pattern: str
    words: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        pattern = re.compile(self.pattern.removeprefix("^").removesuffix("$"))

        def check(value: str) -> str:
            if not pattern.fullmatch(value):
                raise rule(self.words)
            return value

        return core_schema.no_info_after_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return handler(schema) | {"pattern": self.pattern}


@dataclass(frozen=True, slots=True)
class Suggested:
    """Values that an editor suggests; what else may stand there is declared in the file."""

    values: tuple[str, ...]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return handler(source)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": "string", "enum": list(self.values)}, handler(schema)]}


def _known_api(value: str, info: ValidationInfo) -> str:
    declared: Declared | None = info.context
    if declared is not None and value not in declared.apis and value != management.NAME:
        raise rule(f"no API is named {quoted(value)}{did_you_mean(value, declared.apis)}")
    return value


def _known_role(value: str, info: ValidationInfo) -> str:
    declared: Declared | None = info.context
    if declared is not None and value not in declared.roles:
        raise rule(f"no role is named {quoted(value)}{did_you_mean(value, declared.roles)}")
    return value


def _not_registered(value: str, info: ValidationInfo) -> str:
    # The same model checks those that register themselves, without the names of a file.
    if info.context is not None and value.startswith(REGISTERED):
        raise rule(f"{REGISTERED} begins the ids of clients that register themselves: choose another")
    return value


def _given_name(value: str, info: ValidationInfo) -> str:
    declared: Declared | None = info.context
    if declared is None:
        return value
    known = declared.roles | declared.groups
    if value not in known:
        raise rule(f"no role or group is named {quoted(value)}{did_you_mean(value, known)}")
    if value in declared.roles & declared.groups:
        raise rule(f"a role and a group are both named {quoted(value)}, and either could be meant: rename one of them")
    return value


def _known_provider(value: str, info: ValidationInfo) -> str:
    declared: Declared | None = info.context
    # Google may be set up by two settings alone.
    if declared is not None and value not in declared.providers | {"google"}:
        raise rule(f"no provider is named {quoted(value)}{did_you_mean(value, declared.providers | {'google'})}")
    return value


def _known_workload_issuer(value: str, info: ValidationInfo) -> str:
    declared: Declared | None = info.context
    if declared is not None and value not in declared.workload_issuers:
        known = declared.workload_issuers
        raise rule(f"no issuer of workloads is named {quoted(value)}{did_you_mean(value, known)}")
    return value


def _known_permission(value: str, info: ValidationInfo) -> str:
    declared: Declared | None = info.context
    always = {EVERY_PERMISSION, *management.PERMISSIONS}
    if declared is not None and value not in declared.permissions | always:
        known = declared.permissions | {EVERY_PERMISSION}
        raise rule(f"no API has the permission {quoted(value)}{did_you_mean(value, known)}")
    return value


def _no_scope_of_openid(value: str) -> str:
    if value in SUPPORTED:
        raise rule("is a scope of OpenID Connect, and permissions are scopes, too: choose another name")
    return value


def _own_scope(value: str) -> str:
    if value in SUPPORTED:
        raise rule(
            "is a scope of OpenID Connect, and people who allowed it were not told of this claim: choose another name"
        )
    return value


def _not_every_permission(value: str) -> str:
    if value == EVERY_PERMISSION:
        raise rule(f"{EVERY_PERMISSION} stands for every permission of every API and is not declared")
    return value


def _not_management(value: str) -> str:
    if value == management.NAME:
        raise rule(f"{management.NAME} is the API that manages this server: choose another name")
    return value


def _free_claim(value: str) -> str:
    if value in _TAKEN_CLAIMS:
        raise rule(f"{value} is a claim with a meaning of its own: choose another name")
    return value


def _no_registered_claim(value: str) -> str:
    alike = registered_alike(value)
    if value in SUPPORTED_CLAIMS:
        raise rule(f"{value} is a standard claim, which needs no entry: choose another name")
    if alike == value:
        raise rule(f"{value} is a registered claim with a meaning of its own: choose another name")
    if alike:
        raise rule(f"is too much like {alike}, which has a meaning of its own; did you mean {alike}?")
    return value


def _known_level(value: str, info: ValidationInfo) -> str:
    declared: Declared | None = info.context
    if declared is None or value in declared.levels:
        return value
    if not declared.levels:
        raise rule(f"no levels are declared: write acr: {{{quoted(value)}: {{any: [passkey, [pwd, otp]]}}}} at the top")
    raise rule(f"no level is named {quoted(value)}{did_you_mean(value, declared.levels)}")


def _known_method(value: str) -> str:
    if value not in METHODS:
        raise rule(f"no method is named {quoted(value)}{did_you_mean(value, METHODS)}")
    return value


def _known_scope(value: str, info: ValidationInfo) -> str:
    declared: Declared | None = info.context
    if declared is not None and value not in declared.scopes.union(SUPPORTED):
        known = [*SUPPORTED, *sorted(declared.scopes)]
        raise rule(f"no scope is named {quoted(value)}{did_you_mean(value, known)}")
    return value


def _known_claim(value: str, info: ValidationInfo) -> str:
    declared: Declared | None = info.context
    if value in BESIDE:
        raise rule(f"{value} comes with {BESIDE[value]}: name that")
    if declared is not None and value not in declared.claims.union(SAID_BY_NAME):
        raise rule(f"no claim is named {quoted(value)}{did_you_mean(value, [*SAID_BY_NAME, *sorted(declared.claims)])}")
    return value


def listed_once(values: list[str]) -> list[str]:
    """Refuse a list that holds something twice."""
    if len(values) < 2 or len(set(values)) == len(values):
        return values
    twice = next((value for index, value in enumerate(values) if value in values[:index]), None)
    if twice is not None:
        raise rule(f"{quoted(twice)} is listed twice")
    return values


FileName = Annotated[str, Shape(r"^[^\u0000-\u001f\u007f]{1,1000}$", "must be the path of a file")]
Name = Annotated[str, Shape(f"^[^{_MISLEADING}]{{1,200}}$", "must be 1 to 200 characters without control characters")]
ClientId = Annotated[
    str,
    Shape(
        r"^[!#-&(-9;-\[\]-~]{1,200}$",
        "must be 1 to 200 printable ASCII characters without space, quote, colon or backslash",
    ),
    AfterValidator(_not_registered),
]
ApiName = Annotated[
    str,
    Shape(r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$", "must be a letter, then up to 63 letters, digits, and _ . -"),
]
DeclaredApiName = Annotated[ApiName, AfterValidator(_not_management)]
RoleName = ApiName
ProviderName = Annotated[
    str, Shape(r"^[a-z][a-z0-9-]{0,31}$", "must be a lowercase letter, then up to 31 letters, digits, and -")
]
PermissionName = Annotated[
    str,
    Shape(r"^[A-Za-z][A-Za-z0-9_.:/-]{0,99}$", "must be a letter, then up to 99 letters, digits, and _ . : / -"),
    AfterValidator(_not_every_permission),
    AfterValidator(_no_scope_of_openid),
]
Audience = Annotated[
    str,
    Shape(
        r"^[A-Za-z][A-Za-z0-9+.-]*:[!$-\[\]-_a-z~]{1,500}$",
        "must be an absolute URI without a fragment, such as https://reports.example.com (RFC 8707 §2)",
    ),
]
ClaimName = Annotated[
    str,
    Shape(
        r"^[!#-\[\]-~]{1,200}$",
        "must be 1 to 200 printable ASCII characters without space, quote or backslash",
    ),
    AfterValidator(_free_claim),
]
OwnClaimName = Annotated[
    str,
    Shape(
        r"^[!#-\[\]-~]{1,100}$",
        "must be 1 to 100 printable ASCII characters without space, quote or backslash",
    ),
    AfterValidator(_no_registered_claim),
]
ClaimScope = Annotated[
    str,
    Shape(r"^[A-Za-z][A-Za-z0-9_.:/-]{0,99}$", "must be a letter, then up to 99 letters, digits, and _ . : / -"),
    AfterValidator(_not_every_permission),
    AfterValidator(_own_scope),
]
KnownLevel = Annotated[str, AfterValidator(_known_level)]
KnownMethod = Annotated[str, Suggested(METHODS), AfterValidator(_known_method)]
KnownScope = Annotated[str, Suggested(SUPPORTED), AfterValidator(_known_scope)]
KnownClaim = Annotated[str, Suggested(SAID_BY_NAME), AfterValidator(_known_claim)]
KnownApi = Annotated[str, AfterValidator(_known_api)]
KnownRole = Annotated[str, AfterValidator(_known_role)]
GivenName = Annotated[str, AfterValidator(_given_name)]
KnownProvider = Annotated[str, AfterValidator(_known_provider)]
KnownWorkloadIssuer = Annotated[str, AfterValidator(_known_workload_issuer)]
KnownPermission = Annotated[str, AfterValidator(_known_permission)]
