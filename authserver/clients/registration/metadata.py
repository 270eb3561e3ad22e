"""Client metadata as somebody sends them, checked by the rules of clients.yaml.

RFC 7591 §2, §3.2.2; OpenID Connect Registration §2, §3.1. What is not known is left out of the answer, as §2 says.
https://www.rfc-editor.org/rfc/rfc7591#section-2
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from authserver.clients.build import as_client
from authserver.clients.entries import client_rules as rules
from authserver.clients.entries.client import ClientEntry
from authserver.clients.file.names import Name
from authserver.protocol import management
from authserver.protocol.client.client import AuthMethod, Client, SigningAlg
from authserver.protocol.client.registered import type_of
from authserver.protocol.client.registry import Registry
from authserver.protocol.client.secret import Secret
from authserver.protocol.errors import ProtocolError
from authserver.protocol.request.scope import DEFAULT, SUPPORTED

# What an entry of clients.yaml has under the same name.
OF_ENTRY = (
    *("redirect_uris", "post_logout_redirect_uris", "client_uri", "initiate_login_uri", "grant_types"),
    *("policy_uri", "tos_uri"),
    *("backchannel_logout_uri", "backchannel_logout_session_required", "jwks", "jwks_uri"),
    "userinfo_signed_response_alg",
    *("token_endpoint_auth_method", "token_endpoint_auth_signing_alg", "sector_identifier_uri", "subject_type"),
    *("tls_client_auth_subject_dn", "tls_client_auth_san_dns", "tls_client_auth_san_uri", "tls_client_auth_san_ip"),
    *("tls_client_auth_san_email", "tls_client_certificate_bound_access_tokens"),
)
URIS = frozenset({"redirect_uris", "post_logout_redirect_uris"})
MOST_URIS = 50
# A client that acts for itself, or on tokens of others, is one that an administrator chose.
GRANTS = ("authorization_code", "refresh_token")
# What a server of ours would call, or a person be sent to, at the word of a stranger.
SINGLE_URIS = ("client_uri", "initiate_login_uri", "backchannel_logout_uri", "jwks_uri", "sector_identifier_uri")
Page = Annotated[str, AfterValidator(rules.page_of_anybody)]
Text = Annotated[str, Field(min_length=1, max_length=200)]


class ClientMetadata(BaseModel):
    """What clients.yaml has no field for, or another name."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, hide_input_in_errors=True)

    client_name: Name | None = None
    application_type: Literal["web", "native"] = "web"
    response_types: list[Literal["code"]] = Field(default=["code"], min_length=1, max_length=1)
    scope: Annotated[str, Field(max_length=4000)] | None = None
    id_token_signed_response_alg: SigningAlg = "RS256"  # noqa: S105 - no password
    # Kept and shown nowhere: a picture can look like anybody's, and whoever serves it would hear who signs in where.
    logo_uri: Page | None = None
    contacts: Annotated[list[Text], Field(max_length=10)] = []
    software_id: Text | None = None
    software_version: Text | None = None


def accepted(given: Mapping[str, Any], allowed: Collection[str], registry: Registry) -> dict[str, Any]:
    """The metadata with their defaults, as they are kept and answered. Raises ProtocolError (§3.2.2).

    `allowed` are the scopes that this client may ask for. Whether they make a client is `client_of`'s to say.
    """
    if "software_statement" in given:
        raise ProtocolError("unapproved_software_statement", "No software statements are accepted here.")
    try:
        own = ClientMetadata.model_validate(dict(given))
    except ValidationError as error:
        raise refused(error) from None
    kept = {name: given[name] for name in OF_ENTRY if given.get(name) is not None}
    if not isinstance(kept.get("redirect_uris"), list):
        raise ProtocolError("invalid_redirect_uri", "redirect_uris is missing, or no list.")
    if any(isinstance(kept.get(name), list) and len(kept[name]) > MOST_URIS for name in URIS):
        raise ProtocolError("invalid_client_metadata", f"A list of URIs has more than {MOST_URIS}.")
    method: AuthMethod = "none" if own.application_type == "native" else "client_secret_basic"
    kept.setdefault("token_endpoint_auth_method", method)
    kept.setdefault("grant_types", ["authorization_code"])
    # Of another type, it is for the model to refuse.
    if isinstance(kept["grant_types"], list) and any(each not in GRANTS for each in kept["grant_types"]):
        raise ProtocolError(
            "invalid_client_metadata",
            f"grant_types: may have {' and '.join(GRANTS)}; others are for clients that an administrator declares.",
        )
    grants = kept["grant_types"] if isinstance(kept["grant_types"], list) else []
    kept["scope"] = " ".join(_scope(own.scope, grants, allowed, registry))
    kept["client_name"] = own.client_name or _host(kept["redirect_uris"])
    said = own.model_dump(exclude_none=True, exclude={"client_name", "scope"})
    return kept | {name: value for name, value in said.items() if value != []}


def client_of(
    registry: Registry, client_id: str, kept: Mapping[str, Any], secret_digest: bytes | None, *, http: bool = False
) -> Client:
    """The client that these metadata make, by the model and the rules of clients.yaml. Raises ProtocolError.

    `http`: redirect URIs of a web client may be http on this machine, for development.
    """
    if registry.is_fapi:
        raise ProtocolError(
            "invalid_client_metadata", "Every client here follows FAPI 2.0: an administrator declares it."
        )
    names = str(kept["scope"]).split()
    data = {name: kept[name] for name in OF_ENTRY if name in kept}
    data |= {
        "client_id": client_id,
        "name": kept["client_name"],
        "type": type_of(kept),
        "scopes": [name for name in names if name in registry.known.by_scope or name in SUPPORTED],
        "apis": _apis(names, registry),
        # Nothing that it did not ask for.
        "unasked": "none",
        "consent": "once",
        "id_token_signed_response_alg": kept["id_token_signed_response_alg"],
        "secrets": [{"sha256": secret_digest.hex()}] if secret_digest else [],
    }
    try:
        entry = ClientEntry.model_validate(data)
    except ValidationError as error:
        raise refused(error) from None
    if entry.type != "native" and not http and any(uri.startswith("http:") for uri in entry.redirect_uris):
        raise ProtocolError("invalid_redirect_uri", "redirect_uris: must begin with https://")
    for name in SINGLE_URIS:
        if not http and not (getattr(entry, name) or "https:").startswith("https:"):
            raise ProtocolError("invalid_client_metadata", f"{name}: must begin with https://")
    client = as_client(entry, (Secret(secret_digest),) if secret_digest else ())
    return replace(client, self_registered=True)


def refused(error: ValidationError) -> ProtocolError:
    """The first fault in words; where these repeat what was sent, only the log has them."""
    detail = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in detail["loc"])
    field = next((part for part in detail["loc"] if isinstance(part, str)), "")
    words = str(detail.get("ctx", {}).get("what", "")) if detail["type"] == "rule" else ""
    is_fixed = words.isascii() and words and not set(words) & set("\"'`\\")
    known = field in OF_ENTRY or field in ClientMetadata.model_fields
    name = field if known else "the metadata"
    return ProtocolError(
        "invalid_redirect_uri" if field == "redirect_uris" else "invalid_client_metadata",
        f"{name}: {words if is_fixed else 'is not what it must be (RFC 7591 section 2)'}",
        detail=f"{place}: {words or detail['type']}",
    )


def known_scopes(registry: Registry) -> set[str]:
    """Every scope that a client may register for, if it is allowed to."""
    permissions = {name for api in _open(registry) for name in registry.apis[api].permissions}
    return {*SUPPORTED, *registry.known.by_scope, *permissions}


def _scope(asked: str | None, grants: list[Any], allowed: Collection[str], registry: Registry) -> tuple[str, ...]:
    if asked is None:
        # Permissions of APIs are asked for by name, or not given.
        return tuple(
            name for name in DEFAULT if name in allowed and (name != "offline_access" or "refresh_token" in grants)
        )
    names = tuple(dict.fromkeys(asked.split()))
    known = known_scopes(registry)
    if any(name not in allowed or name not in known for name in names):
        raise ProtocolError(
            "invalid_client_metadata",
            "scope: names one that is not here, or that this registration may not ask for.",
            detail=repr(names)[:500],
        )
    return names


def _apis(names: Collection[str], registry: Registry) -> dict[str, list[str]]:
    found = {name: [each for each in names if each in registry.apis[name].permissions] for name in _open(registry)}
    return {name: few for name, few in found.items() if few}


def _open(registry: Registry) -> list[str]:
    # This server itself is managed by whom an administrator chose.
    return [name for name in registry.apis if name != management.NAME]


def _host(uris: list[Any]) -> str:
    try:
        return urlsplit(str(uris[0])).hostname or "An application"
    except (IndexError, ValueError):
        return "An application"
