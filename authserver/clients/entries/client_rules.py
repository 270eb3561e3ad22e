"""What the fields of a client allow one another.

Each rule sees its own value and, in `info.data`, the sound fields above it: one broken field hides no other fault.
"""

from collections.abc import Sequence
from typing import Literal

from pydantic import ValidationInfo

from authserver.clients.file.names import rule
from authserver.protocol.client.client import CERTIFICATE_METHODS, AuthMethod, ClientType
from authserver.protocol.client.sector import sector_fault
from authserver.protocol.origin import origin_fault
from authserver.protocol.request.redirect_uri import registration_fault
from authserver.protocol.upstream.workload import JWT_BEARER

GrantType = Literal[
    "authorization_code",
    "refresh_token",
    "client_credentials",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
]
DEVICE_CODE: GrantType = "urn:ietf:params:oauth:grant-type:device_code"

GRANT_TYPES: dict[ClientType, tuple[GrantType, ...]] = {
    "web": ("authorization_code", "refresh_token"),
    "spa": ("authorization_code", "refresh_token"),
    "native": ("authorization_code", "refresh_token"),
    "service": ("client_credentials",),
}
# What a client may have beside these, where its entry says so.
FURTHER_GRANT_TYPES: dict[ClientType, tuple[GrantType, ...]] = {
    "web": ("client_credentials", DEVICE_CODE),
    "native": (DEVICE_CODE,),
    "service": (JWT_BEARER,),
}
CONFIDENTIAL: tuple[AuthMethod, ...] = (
    *("client_secret_basic", "client_secret_post", "private_key_jwt"),
    *("tls_client_auth", "self_signed_tls_client_auth"),
)
AUTH_METHODS: dict[ClientType, tuple[AuthMethod, ...]] = {
    "web": CONFIDENTIAL,
    "spa": ("none",),
    "native": ("none",),
    "service": CONFIDENTIAL,
}
# Libraries differ in how they send a secret, some by call: unless one way is pinned a client may use either.
DEFAULT_AUTH_METHOD: dict[ClientType, AuthMethod | None] = {
    "web": None,
    "spa": "none",
    "native": "none",
    "service": None,
}


def _type(info: ValidationInfo) -> ClientType | None:
    return info.data.get("type")


def redirect_uri(value: str, info: ValidationInfo) -> str:
    """One redirect URI."""
    kind = _type(info)
    # Without a type, what holds for every one of them.
    kinds: tuple[ClientType, ...] = ("web", "spa", "native") if kind is None else (kind,)
    private_http = info.data.get("http_on_private_network", False)
    faults = [registration_fault(value, each, private_http=private_http) for each in kinds if each != "service"]
    if faults and faults[0] and all(faults):
        raise rule(faults[0])
    return value


def redirect_uris_of_type(value: list[str], info: ValidationInfo) -> list[str]:
    """People must return to somewhere."""
    # Absent where it is at fault itself.
    grants = info.data.get("grant_types", ())
    if not value and _type(info) not in {None, "service"} and (grants is None or "authorization_code" in grants):
        raise rule("is missing: where do people return after signing in?")
    return value


def origin(value: str) -> str:
    """One browser origin."""
    fault = origin_fault(value)
    if fault:
        raise rule(fault)
    return value


def private_http_of_type(value: bool, info: ValidationInfo) -> bool:
    """RFC 9700 §2.6: on the way to a public client nothing but https protects the code, or the program itself."""
    if value and _type(info) not in {None, "web"}:
        raise rule("is for web clients only")
    return value


def web_page(value: str, info: ValidationInfo) -> str:
    """The address of a page for people."""
    fault = registration_fault(value, "web", private_http=info.data.get("http_on_private_network", False))
    if fault:
        raise rule(fault)
    return value


def page_of_anybody(value: str) -> str:
    """The address of a page of somebody who is not known: https alone."""
    fault = registration_fault(value, "web")
    if fault or not value.startswith("https://"):
        raise rule(fault or "must begin with https://")
    return value


def backchannel_uri(value: str, info: ValidationInfo) -> str:
    """OpenID Connect Back-Channel Logout §2.2: what a server is called by."""
    if _type(info) == "native":
        raise rule("a native client has no server that could be told: remove this")
    return web_page(value, info)


def subject_of_sector(value: str, info: ValidationInfo) -> str:
    """OpenID Connect Core §8.1: a pairwise sub belongs to one host."""
    if value == "pairwise" and "redirect_uris" in info.data:
        fault = sector_fault(_type(info), info.data["redirect_uris"], info.data.get("sector_identifier_uri"))
        if fault:
            raise rule(fault)
    return value


def for_people(value: object, info: ValidationInfo) -> object:
    """Fields that have a meaning only where people sign in."""
    if value and _type(info) == "service":
        raise rule("nobody signs in to a service client: remove this, or change the type")
    return value


def method_of_type(value: AuthMethod, info: ValidationInfo) -> AuthMethod:
    """RFC 6749 §2.1: public clients do not authenticate, confidential ones always do."""
    kind = _type(info)
    if kind and value not in AUTH_METHODS[kind]:
        raise rule(f"a {kind} client may have: {' or '.join(AUTH_METHODS[kind])}")
    return value


def secrets_of_type(value: list[object], info: ValidationInfo) -> list[object]:
    """Confidential clients have a secret or a key, public ones none."""
    kind = _type(info)
    if info.data.get("token_endpoint_auth_method") == "private_key_jwt":
        if value:
            raise rule("a client with private_key_jwt proves who it is by its key: remove the secret")
        return value
    if info.data.get("token_endpoint_auth_method") in CERTIFICATE_METHODS:
        if value:
            raise rule("this client proves who it is by its certificate: remove the secret")
        return value
    # Absent where they are at fault themselves.
    has_workloads = kind == "service" and info.data.get("workloads", True)
    if kind in {"web", "service"} and not value and not has_workloads:
        raise rule(f"a {kind} client needs a secret: `authserver clients new-secret CLIENT_ID` makes one")
    if kind in {"spa", "native"} and value:
        raise rule(f"a {kind} client cannot keep a secret: remove it, or make it a web client")
    return value


def grants_of_type(value: list[GrantType], info: ValidationInfo) -> list[GrantType]:
    """RFC 6749 §4.4: client_credentials is for a confidential client that acts for itself."""
    kind = _type(info)
    if kind is None:
        return value
    possible = (*GRANT_TYPES[kind], *FURTHER_GRANT_TYPES.get(kind, ()))
    foreign = [grant for grant in value if grant not in possible]
    if foreign:
        raise rule(f"{foreign[0]} is not for a {kind} client, which may have: {', '.join(possible)}")
    begins = [grant for grant in (GRANT_TYPES[kind][0], DEVICE_CODE, JWT_BEARER) if grant in possible]
    if not set(begins).intersection(value):
        raise rule(f"a {kind} client needs {' or '.join(begins)}")
    return value


def workloads_of_type(value: list[object], info: ValidationInfo) -> list[object]:
    """They act as a client that acts for itself."""
    if value and _type(info) not in {None, "service"}:
        raise rule("are for a service client: declare one for them")
    return value


def grants_for_workloads(value: list[GrantType], info: ValidationInfo) -> list[GrantType]:
    """What a grant is of no use without, and workloads without their grant."""
    workloads = info.data.get("workloads")
    if workloads and JWT_BEARER not in value:
        raise rule(f"the workloads of this client need {JWT_BEARER}")
    if workloads is not None and not workloads and JWT_BEARER in value:
        raise rule(f"{JWT_BEARER} needs workloads: whose tokens let them act as this client?")
    has_proof = can_authenticate(info.data.get("secrets", [""]), info.data.get("token_endpoint_auth_method"))
    if workloads and "client_credentials" in value and not has_proof:
        raise rule("client_credentials needs a secret or a key: add one, or leave this grant out")
    return value


def can_authenticate(secrets: Sequence[object], method: AuthMethod | None) -> bool:
    """Whether a service client has anything of its own to prove who it is by."""
    return bool(secrets) or method == "private_key_jwt" or method in CERTIFICATE_METHODS


def scopes_of_grants(value: list[str], info: ValidationInfo) -> list[str]:
    """OpenID Connect Core §11: offline_access means a refresh token."""
    grants = info.data.get("grant_types")
    if "offline_access" in value and grants is not None and "refresh_token" not in grants:
        raise rule("offline_access needs refresh_token in grant_types")
    return value


def pkce_of_type(value: str, info: ValidationInfo) -> str:
    """RFC 9700 §2.1.1: a client that cannot authenticate has nothing but PKCE."""
    if value == "optional" and _type(info) in {"spa", "native"}:
        raise rule("optional is for web clients only: a public client has nothing but PKCE")
    return value


def roles_of_type(value: list[str], info: ValidationInfo) -> list[str]:
    """People bring their own roles."""
    acts_for_itself = "client_credentials" in (info.data.get("grant_types") or ())
    if value and _type(info) not in {None, "service"} and not acts_for_itself:
        raise rule(
            "these are the roles of a client that acts for itself, with client_credentials in grant_types; to say who "
            "may sign in write allow: {roles: […]}"
        )
    return value
