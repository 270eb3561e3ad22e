"""An authorization request, from parameters to a checked value.

Client and redirect URI first: until they hold, errors are shown; afterwards they are redirected.
RFC 6749 §4.1.1; OpenID Connect Core §3.1.2.1; RFC 9700 §2.1. https://openid.net/specs/openid-connect-core-1_0.html
"""

import json
import re
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from authserver.protocol.client.client import Client
from authserver.protocol.client.registry import Registry
from authserver.protocol.errors import ProtocolError, RedirectedError, ShownError
from authserver.protocol.parameters import Parameters
from authserver.protocol.request import pkce, redirect_uri, resource, response_mode, scope
from authserver.protocol.request.claims_request import opened_scopes, requested_claims
from authserver.protocol.token.api_scopes import AskedOfApis, asked_of_apis
from authserver.protocol.token.dpop import is_thumbprint

PROMPTS = ("none", "login", "consent", "select_account")
# OpenID Connect Initiating User Registration 1.0 §3; a prompt only where people may sign up.
CREATE = "create"
# OpenID Connect Core §6.1, §6.2, §7.2.1: the error for each parameter that is not supported.
UNSUPPORTED = {
    "request": "request_not_supported",
    "request_uri": "request_uri_not_supported",
    "registration": "registration_not_supported",
}
# RFC 9126 §2.2: what a `request_uri` of ours begins with.
PUSHED = "urn:ietf:params:oauth:request_uri:"
MAX_UI_LOCALES = 200
MAX_ACR_VALUES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """What a client asks, by whatever it asks. `hint_sub` is whom a verified `id_token_hint` names.

    `dpop_jkt` is the thumbprint of the key that the code is bound to (RFC 9449 §10). `max_age` is in seconds; `claims`,
    `acr` and `subs` are as in `RequestedClaims`, and `acr_values` are a wish, in order of preference. `opened` are the
    scopes that open these claims; `api_scopes` are as in `AskedOfApis`, and no part of `scope`.
    """

    client_id: str
    scope: tuple[str, ...]
    audiences: tuple[str, ...]
    resource_given: bool = False
    nonce: str | None = None
    code_challenge: str | None = None
    dpop_jkt: str | None = None
    prompt: frozenset[str] = frozenset()
    max_age: int | None = None
    login_hint: str | None = None
    hint_sub: str | None = None
    domain_hint: str | None = None
    ui_locales: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    acr: tuple[str, ...] = ()
    acr_values: tuple[str, ...] = ()
    subs: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()
    api_scopes: tuple[str, ...] | None = None

    @property
    def whole_audiences(self) -> tuple[str, ...]:
        """The audiences of the APIs that are asked for as a whole: of which no scope narrows anything."""
        return self.audiences if self.api_scopes is None else ()

    @property
    def asked_scope(self) -> tuple[str, ...]:
        """The scopes that the person is asked about: of a single claim the one that opens it."""
        return scope.in_order({*self.scope, *self.opened}) if self.opened else self.scope

    def may_be_for(self, sub: str) -> bool:
        """Whether a hint or the claims parameter names this person, or nobody."""
        return self.hint_sub in (None, sub) and (not self.subs or sub in self.subs)

    @property
    def always_asks(self) -> bool:
        """Whether the person must be asked, whatever they have allowed before and whoever the client is."""
        return False

    def to_json(self) -> str:
        return json.dumps(asdict(self) | {"prompt": sorted(self.prompt)})

    @classmethod
    def from_json(cls, text: str) -> Self:
        stored: dict[str, Any] = json.loads(text)
        known = {field.name: stored[field.name] for field in fields(cls) if field.name in stored}
        # What an earlier release kept has claims of OpenID Connect alone.
        known.setdefault("opened", sorted(opened_scopes(known.get("claims", ()))))
        for name in ("scope", "audiences", "ui_locales", "claims", "acr", "acr_values", "subs", "opened"):
            known[name] = tuple(known.get(name, ()))
        if known.get("api_scopes") is not None:
            known["api_scopes"] = tuple(known["api_scopes"])
        return cls(**known | {"prompt": frozenset(known["prompt"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserRequest(AuthorizationRequest):
    """What a client asks by way of a browser, which brings the answer to a redirect URI (RFC 6749 §4.1)."""

    redirect_uri: str
    redirect_uri_given: bool
    response_mode: str
    state: str | None = None


def resolve_client(parameters: Parameters, registry: Registry) -> Client:
    """The client that asks. Raises ShownError: without it nobody can be told anything."""
    client_id = parameters.get("client_id")
    if client_id is None:
        raise ShownError("invalid_request", "client_id is missing, empty or given twice.")
    client = registry.client(client_id)
    if client is None or "authorization_code" not in client.grant_types:
        # Without the id, which may be a secret in its place: whoever logs this knows how much of it may be kept.
        raise ShownError("invalid_client", "No client with this client_id is registered here.")
    return client


def resolve_redirect_uri(parameters: Parameters, client: Client) -> tuple[str, bool]:
    """Where the answer goes, and whether the request named it. Raises ShownError."""
    requested = parameters.get("redirect_uri")
    if requested is None:
        # FAPI 2.0 §5.3.2.2: a pushed request names it.
        if "redirect_uri" in parameters.faults or len(client.redirect_uris) != 1 or client.is_fapi:
            raise ShownError("invalid_request", "redirect_uri is missing, empty or given twice.")
        if "openid" in (parameters.get("scope") or "").split(" "):
            # OpenID Connect Core §3.1.2.1: REQUIRED, where RFC 6749 lets the only registered one stand for it.
            raise ShownError("invalid_request", "redirect_uri is missing; with openid in scope it must be given.")
        return client.redirect_uris[0], False
    if not redirect_uri.matches(client.redirect_uris, requested, client.type):
        raise ShownError(
            "invalid_request",
            "redirect_uri is not one that is registered for this client.",
            detail=f"received {requested[:2000]!r}, registered {list(client.redirect_uris)!r}",
        )
    return requested, True


def resolve_response_mode(parameters: Parameters) -> str:
    """The response mode, `query` where it is absent or unknown, so that an error about it can be delivered."""
    asked = parameters.get("response_mode")
    return asked if asked in response_mode.SUPPORTED else "query"


def check_request(
    parameters: Parameters,
    client: Client,
    target: tuple[str, bool],
    registry: Registry,
    issuer: str,
    *,
    may_sign_up: bool = False,
    longest: int = 2048,
) -> BrowserRequest:
    """Everything else about the request; `id_token_hint` is left to who has the keys. Raises RedirectedError.

    `state` and `nonce`, which come back as they were, have at most `longest` bytes each.
    """
    for name, error in UNSUPPORTED.items():
        if parameters.get(name) is not None or name in parameters.faults:
            raise RedirectedError(error, f"The parameter {name} is not supported.")
    try:
        parameters.refuse_faults()
        _check_response(parameters)
        granted, asked = asked_scopes(parameters, client, registry, issuer)
        claims = requested_claims(
            parameters.get("claims"), client.scopes if "openid" in granted else (), registry.known
        )
    except ProtocolError as error:
        raise RedirectedError(error.error, error.description, detail=error.detail) from None
    return BrowserRequest(
        client_id=client.client_id,
        redirect_uri=target[0],
        redirect_uri_given=target[1],
        response_mode=resolve_response_mode(parameters),
        scope=granted,
        audiences=asked.audiences,
        api_scopes=asked.api_scopes,
        state=_bounded(parameters, "state", longest),
        nonce=_bounded(parameters, "nonce", longest),
        code_challenge=pkce.requested_challenge(
            parameters.get("code_challenge"), parameters.get("code_challenge_method"), client.pkce_required
        ),
        dpop_jkt=_dpop_jkt(client, parameters.get("dpop_jkt")),
        prompt=_prompt(parameters.get("prompt"), may_sign_up),
        max_age=_max_age(parameters.get("max_age")),
        login_hint=(parameters.get("login_hint") or "")[:320] or None,
        domain_hint=(parameters.get("domain_hint") or "")[:255] or None,
        ui_locales=tuple((parameters.get("ui_locales") or "")[:MAX_UI_LOCALES].split()),
        resource_given=bool(parameters.resources),
        claims=claims.claims,
        acr=claims.acr,
        acr_values=tuple(dict.fromkeys((*wished_levels(parameters), *claims.wished_acr))),
        subs=claims.subs,
        opened=tuple(sorted(opened_scopes(claims.claims, registry.known))),
    )


def wished_levels(parameters: Parameters) -> tuple[str, ...]:
    """The `acr_values` of a request (OpenID Connect Core §3.1.2.1): more than anybody declares are cut off."""
    return tuple(dict.fromkeys((parameters.get("acr_values") or "")[:MAX_ACR_VALUES].split()))


def asked_scopes(
    parameters: Parameters, client: Client, registry: Registry, issuer: str
) -> tuple[tuple[str, ...], AskedOfApis]:
    """What `scope` and `resource` ask for: OpenID's scopes and those of claims, and what of APIs.

    Raises `invalid_scope` where nothing of it is the client's, and `invalid_target`.
    """
    granted = scope.allowed_scope(parameters.get("scope"), client.scopes, registry.known)
    audiences = resource.authorized_audiences(parameters.resources, client, registry, issuer, granted)
    words = (parameters.get("scope") or "").split(" ")
    asked = asked_of_apis(words, client, registry, audiences, by_resource=bool(parameters.resources))
    if parameters.get("scope") and not granted and not asked.api_scopes:
        raise ProtocolError("invalid_scope", "This client may use none of these scopes.")
    return granted, asked


def _check_response(parameters: Parameters) -> None:
    response_type = parameters.get("response_type")
    if response_type is None:
        raise ProtocolError("invalid_request", "response_type is missing.")
    # RFC 9700 §2.1.2: tokens never travel in a URL, so code is the only response type.
    if response_type != "code":
        raise ProtocolError("unsupported_response_type", "response_type must be code.", detail=repr(response_type))
    mode = parameters.get("response_mode")
    if mode is not None and mode not in response_mode.SUPPORTED:
        raise ProtocolError("invalid_request", "response_mode must be query or form_post.", detail=repr(mode))
    # HTML §4.10.21.4: a browser makes CR LF of either in a form, and state must come back as it was (RFC 6749 §4.1.2).
    if mode == "form_post" and re.search(r"\r(?!\n)|(?<!\r)\n", parameters.get("state") or ""):
        raise ProtocolError("invalid_request", "With form_post, state cannot contain a line break. Encode it.")


def _prompt(value: str | None, may_sign_up: bool) -> frozenset[str]:
    prompts = frozenset(value.split(" ")) - {""} if value else frozenset()
    if not prompts <= {*PROMPTS, *([CREATE] if may_sign_up else ())}:
        raise RedirectedError("invalid_request", "prompt has an unknown value.", detail=repr(value))
    if "none" in prompts and len(prompts) > 1:
        raise RedirectedError("invalid_request", "prompt=none cannot be combined with another prompt.")
    return prompts


def _dpop_jkt(client: Client, value: str | None) -> str | None:
    if value is not None and client.certificate_bound_access_tokens:
        # Nobody could redeem the code: a token is bound in one way.
        raise RedirectedError("invalid_request", "This client binds its tokens to certificates: leave out dpop_jkt.")
    if value is not None and not is_thumbprint(value):
        raise RedirectedError("invalid_request", "dpop_jkt must be the SHA-256 thumbprint of a key, in base64url.")
    return value


def _max_age(value: str | None) -> int | None:
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= 10):
        raise RedirectedError("invalid_request", "max_age must be a whole number of seconds.")
    return int(value)


def _bounded(parameters: Parameters, name: str, longest: int) -> str | None:
    value = parameters.get(name)
    if value is not None and (size := len(value.encode())) > longest:
        raise RedirectedError(
            "invalid_request",
            f"{name} has more than {longest} bytes: keep its content at the client and send a key to it.",
            detail=f"{size} bytes",
        )
    return value
