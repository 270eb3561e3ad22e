"""One client as a frozen value.

Client metadata follows RFC 7591 §2 and OpenID Connect Registration 1.0 §2; https://www.rfc-editor.org/rfc/rfc7591
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode

from authserver.protocol.claim_names import DEFAULT_PLACES, ClaimPlaces
from authserver.protocol.client.logo import Logo
from authserver.protocol.client.secret import Secret
from authserver.protocol.upstream.workload import JWT_BEARER, Workload

ClientType = Literal["web", "spa", "native", "service"]
AuthMethod = Literal[
    "none",
    "client_secret_basic",
    "client_secret_post",
    "private_key_jwt",
    "tls_client_auth",
    "self_signed_tls_client_auth",
]
CERTIFICATE_METHODS: frozenset[AuthMethod] = frozenset({"tls_client_auth", "self_signed_tls_client_auth"})
SECRET_METHODS: frozenset[AuthMethod] = frozenset({"client_secret_basic", "client_secret_post"})
ConsentRule = Literal["never", "once", "always"]
# What this server signs with (RFC 8037 §3.1: `EdDSA` by a key on Ed25519), and what a client may sign with.
SigningAlg = Literal["RS256", "PS256", "ES256", "EdDSA"]
ClientAlg = SigningAlg
SubjectType = Literal["public", "pairwise"]
# RFC 8705 §2.1.2: where in a certificate the name of a client stands.
SubjectKind = Literal["subject_dn", "san_dns", "san_uri", "san_ip", "san_email"]


@dataclass(frozen=True, slots=True)
class Client:
    """A registered client. Lifetimes are seconds; `apis` are names, the first is the default audience.

    `token_endpoint_auth_method` is the only one it may use; None leaves a client with a secret either way to send it.
    `jwks` or `jwks_uri` are its public keys, and `token_endpoint_auth_signing_alg` pins how it signs with them to
    authenticate, as `request_object_signing_alg` does for its requests. The URI may lead to the network that
    `on_private_network` says it is on. Of an API in `api_limits` it may have these permissions at most. With
    `gets_unasked` it gets all it may have of an API when it asks for no scope of any.
    Its access tokens are signed by `signing_alg`, unless the API says otherwise, and its ID and logout tokens by
    `id_token_signed_response_alg`.
    People who sign in to it must reach the level `require_acr`.
    `workloads` may act as it, each by a token that its issuer signs. `certificate_subject` is whose certificate
    authenticates it (`tls_client_auth`), and with `certificate_bound_access_tokens` its tokens are worth nothing
    without the certificate they were asked for with. In its `sector` a client knows people by a `sub` of their own;
    without one as all others do.
    """

    client_id: str
    name: str
    type: ClientType
    token_endpoint_auth_method: AuthMethod | None
    secrets: tuple[Secret, ...] = ()
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    client_uri: str | None = None
    policy_uri: str | None = None
    tos_uri: str | None = None
    logo: Logo | None = None
    backchannel_logout_uri: str | None = None
    backchannel_logout_session_required: bool = False
    initiate_login_uri: str | None = None
    sector: str | None = None
    sector_identifier_uri: str | None = None
    grant_types: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    apis: tuple[str, ...] = ()
    api_limits: Mapping[str, frozenset[str]] = field(default_factory=dict)
    gets_unasked: bool = True
    consent: ConsentRule = "once"
    pkce_required: bool = True
    must_push: bool = False
    must_sign: bool = False
    allowed_roles: frozenset[str] | None = None
    require_acr: str | None = None
    roles: tuple[str, ...] = ()
    access_token_lifetime: int | None = None
    signing_alg: SigningAlg = "RS256"
    id_token_signed_response_alg: SigningAlg = "RS256"
    userinfo_signed_response_alg: SigningAlg | None = None
    roles_claim: str | None = None
    permissions_claim: str | None = None
    claims: ClaimPlaces = DEFAULT_PLACES
    provider: str | None = None
    jwks: Mapping[str, Any] | None = field(default=None, hash=False)
    jwks_uri: str | None = None
    on_private_network: bool = False
    # By somebody who is not known here; else an administrator declared it.
    self_registered: bool = False
    # By an administrator; only pages, API and explanations for administrators ever see one.
    is_disabled: bool = False
    token_endpoint_auth_signing_alg: ClientAlg | None = None
    request_object_signing_alg: ClientAlg | None = None
    workloads: tuple[Workload, ...] = ()
    dpop_bound_access_tokens: bool = False
    certificate_bound_access_tokens: bool = False
    certificate_subject: tuple[SubjectKind, str] | None = None
    is_fapi: bool = False

    @property
    def is_public(self) -> bool:
        return self.token_endpoint_auth_method == "none"

    @property
    def acts_for_itself(self) -> bool:
        """Whether it gets tokens whose `sub` is its client_id."""
        return not self.grant_types.isdisjoint({"client_credentials", JWT_BEARER})

    def begins_at(self, issuer: str) -> str | None:
        """Where a sign-in here begins, by its own page (OpenID Connect Core §4); None where it has none."""
        uri = self.initiate_login_uri
        if uri is None:
            return None
        separator = "" if uri[-1] in "?&" else "&" if "?" in uri else "?"
        return f"{uri}{separator}{urlencode({'iss': issuer})}"

    def may_use(self, method: AuthMethod) -> bool:
        """Whether it may authenticate by this method (RFC 6749 §2.3.1 has two ways of sending a secret)."""
        pinned = self.token_endpoint_auth_method
        return method in SECRET_METHODS if pinned is None else method == pinned

    def check_endpoint_auth_method(self, method: AuthMethod, endpoint: str) -> bool:
        """Whether it may authenticate by this method there, which is what Authlib asks.

        RFC 7662 §2.1: nobody may ask about tokens without authentication.
        """
        return self.may_use(method) and (endpoint != "introspection" or method != "none")
