"""One client as clients.yaml registers it (RFC 7591 §2)."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Discriminator, Field, Tag

from authserver.clients.entries import certificate_rules as certificates
from authserver.clients.entries import client_rules as rules
from authserver.clients.entries import key_rules
from authserver.clients.entries.claims import ClaimsEntry
from authserver.clients.entries.client_rules import GrantType
from authserver.clients.entries.role import LIST, MAPPING, form
from authserver.clients.entries.secret import SecretEntry
from authserver.clients.entries.workload import WorkloadEntry
from authserver.clients.file.names import (
    ClaimName,
    ClientId,
    FileName,
    KnownApi,
    KnownLevel,
    KnownProvider,
    KnownRole,
    KnownScope,
    Name,
    listed_once,
)
from authserver.protocol.client.client import AuthMethod, ClientAlg, ClientType, ConsentRule, SigningAlg, SubjectType

Once = AfterValidator(listed_once)
ForPeople = AfterValidator(rules.for_people)
RedirectUri = Annotated[str, AfterValidator(rules.redirect_uri)]
Origin = Annotated[str, AfterValidator(rules.origin)]


# What pydantic puts into the way to a fault for the form that was taken, as in a role.
ApisOfClient = Annotated[
    Annotated[list[KnownApi], Once, Tag(LIST)]
    | Annotated[dict[KnownApi, Annotated[list[str], Field(min_length=1), Once]], Tag(MAPPING)],
    Discriminator(form),
]


class AllowEntry(BaseModel):
    """Who may sign in to a client."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    roles: Annotated[list[KnownRole], Once] = Field(min_length=1)
    """People with at least one of these roles."""


def _with_short_name(schema: dict[str, Any]) -> None:
    # The schema of a field has its first name alone; an editor must know the other one, too.
    schema["properties"]["auth_method"] = schema["properties"]["token_endpoint_auth_method"]


class ClientEntry(BaseModel):
    """A client: an application that signs people in, or a service that acts for itself."""

    # The type stands before what depends on it: each check sees the fields above its own.
    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, hide_input_in_errors=True, json_schema_extra=_with_short_name
    )

    client_id: ClientId
    """The client's identifier; it never changes."""

    name: Name
    """The name that people see on the consent page."""

    type: ClientType
    """`web`: a site with a server that keeps a secret. `spa`: runs in the browser. `native`: an installed or
    command-line application. `service`: acts for itself, without a person."""

    profile: Literal["fapi2"] | None = None
    """`fapi2`: the client follows the FAPI 2.0 Security Profile. It must authenticate by `private_key_jwt` or a TLS
    certificate, push its requests, and bind its tokens, all without RS256; its tokens are signed with ES256, or with
    PS256 or EdDSA where the entry says so. They are bound to the certificate if it authenticates by one or has
    `tls_client_certificate_bound_access_tokens`, otherwise by DPoP. Whatever in its entry contradicts that is a fault.
    """

    token_endpoint_auth_method: Annotated[AuthMethod, AfterValidator(rules.method_of_type)] | None = Field(
        default=None, validation_alias=AliasChoices("token_endpoint_auth_method", "auth_method")
    )
    """Restricts how the client authenticates. web, service: `client_secret_basic` (in the header) or
    `client_secret_post` (in the body), by default either; `private_key_jwt`, with a key instead of a secret; or, with a
    TLS certificate, `tls_client_auth` (from a CA) or `self_signed_tls_client_auth` (in its `jwks`). spa, native:
    `none`. `auth_method` is a short name for this field."""

    workloads: Annotated[list[WorkloadEntry], AfterValidator(rules.workloads_of_type)] = Field(default_factory=list)
    """For a service client: programs elsewhere that may act as it, each with a token that its platform signs
    (RFC 7523), so that there is no secret. Each gets what `client_credentials` would give."""

    secrets: Annotated[list[SecretEntry], AfterValidator(rules.secrets_of_type)] = Field(
        default=[], validate_default=True
    )
    """Secrets of a web or service client. Several can be valid at the same time. None with a key or a certificate; a
    service client with `workloads` needs none."""

    grant_types: (
        Annotated[
            list[GrantType], Once, AfterValidator(rules.grants_of_type), AfterValidator(rules.grants_for_workloads)
        ]
        | None
    ) = None
    """The grants that the client may use at the token endpoint. web, spa, native: `authorization_code` and
    `refresh_token` (default); service: `client_credentials`. A web client may also have `client_credentials`, to act
    for itself. `urn:ietf:params:oauth:grant-type:jwt-bearer` is for clients with `workloads`; a service client that has
    these has it by default. A native or web client without a browser at hand, such as a TV or a command line, has
    `urn:ietf:params:oauth:grant-type:device_code`, be it in place of `authorization_code`."""

    http_on_private_network: Annotated[bool, AfterValidator(rules.private_http_of_type)] = False
    """For a web client that has no https: its URIs may be http on a private network, such as http://grafana.lan. That
    is a name without a dot, or one that ends in .internal, .intranet, .private, .corp, .home, .lan, .local, .home.arpa,
    .test or .localhost, or an address of 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or fc00::/7. Whoever can listen
    there can read what passes."""

    redirect_uris: Annotated[list[RedirectUri], Once, ForPeople, AfterValidator(rules.redirect_uris_of_type)] = Field(
        default=[], validate_default=True
    )
    """Where people return after signing in: exactly these URIs. A client without `authorization_code` needs none. http
    only on this machine. Native clients may use any port of http://127.0.0.1, http://[::1], or http://localhost, each
    of which matches only itself, or their own scheme such as com.example.app:/callback."""

    jwks: Annotated[dict[str, Any], AfterValidator(key_rules.public_keys)] | None = None
    """The client's public keys, as a JWK Set: `{keys: [{kty: EC, crv: P-256, x: …, y: …, kid: …}]}`. RSA from 2048
    bits, EC on P-256, or OKP on Ed25519. For `self_signed_tls_client_auth`, a key is for any certificate of it, and one
    with `x5c` for that certificate alone."""

    jwks_uri: Annotated[str | None, AfterValidator(key_rules.keys_of_method)] = Field(
        default=None, validate_default=True
    )
    """Where the client publishes its keys, instead of `jwks`: they are fetched when needed and kept for 10 minutes. It
    must be https (http only on this machine) and public, unless `http_on_private_network` says where the client is."""

    token_endpoint_auth_signing_alg: Annotated[ClientAlg, AfterValidator(key_rules.alg_of_keys)] | None = None
    """The only algorithm that it may sign its assertions with. Default: any of the four that fits its key."""

    tls_client_auth_san_dns: Annotated[str, AfterValidator(certificates.name_of_host)] | None = None
    """The DNS name in the certificates of a client with `tls_client_auth`, among their subject alternative names. Such
    a client has exactly one of these five; each certificate must be by a CA of `AUTHSERVER_MTLS_CLIENT_CAS`."""

    tls_client_auth_san_uri: Annotated[str, AfterValidator(certificates.uri)] | None = None
    """Or the URI among them, such as a SPIFFE ID."""

    tls_client_auth_san_ip: Annotated[str, AfterValidator(certificates.address)] | None = None
    """Or the IP address among them."""

    tls_client_auth_san_email: Annotated[str, AfterValidator(certificates.mailbox)] | None = None
    """Or the e-mail address among them."""

    tls_client_auth_subject_dn: Annotated[str | None, AfterValidator(certificates.subject)] = Field(
        default=None, validate_default=True
    )
    """Or the subject as RFC 4514 writes it, such as `CN=client,O=Example,C=DE`: the same attributes in the same order,
    with the same values. `openssl x509 -noout -subject -nameopt RFC2253` prints it."""

    post_logout_redirect_uris: Annotated[list[RedirectUri], Once, ForPeople] = []
    """Where people may return after signing out."""

    client_uri: Annotated[str, AfterValidator(rules.web_page)] | None = None
    """The home page of the client, to which the sign-in and consent pages link."""

    policy_uri: Annotated[str, ForPeople, AfterValidator(rules.page_of_anybody)] | None = None
    """Its privacy policy, to which the sign-in and consent pages link. https."""

    tos_uri: Annotated[str, ForPeople, AfterValidator(rules.page_of_anybody)] | None = None
    """Its terms of service, to which the sign-in and consent pages link. https."""

    logo: Annotated[FileName, ForPeople] | None = None
    """An image that stands beside the client's name, PNG, JPEG, or WebP, at most 512 KiB. It is shown 48 pixels wide
    and high, and made anew from its pixels, at most 192 wide and high. A relative path starts at the folder of
    clients.yaml."""

    initiate_login_uri: Annotated[str, ForPeople, AfterValidator(rules.web_page)] | None = None
    """Where a sign-in at the client begins (OpenID Connect Core §4). People can open it from their applications page;
    it gets `iss`, this server's issuer, in its query."""

    backchannel_logout_uri: Annotated[str, ForPeople, AfterValidator(rules.backchannel_uri)] | None = None
    """Where the client's server is told that a session is over, by a logout token (OpenID Connect Back-Channel Logout
    1.0): when people sign out, when the session expires, or when somebody ends it. https, and to a public address,
    unless `http_on_private_network` or the setting `AUTHSERVER_LOGOUT_TO_PRIVATE_NETWORK` says otherwise."""

    backchannel_logout_session_required: Annotated[bool, ForPeople] = False
    """Whether the client needs `sid` in its logout tokens. They always have it."""

    sector_identifier_uri: Annotated[str, ForPeople, AfterValidator(rules.page_of_anybody)] | None = None
    """For pairwise subs: an https address with a JSON array of all redirect URIs. Clients with the same host there know
    people by the same subs. Default: the host of the redirect URIs. `authserver clients check --fetch` checks it."""

    subject_type: Annotated[SubjectType, ForPeople, AfterValidator(rules.subject_of_sector)] = "public"
    """`pairwise`: the client knows each person by a `sub` (and session by a `sid`) that no client of another host gets,
    in every token and at every endpoint (OpenID Connect Core §8.1). Changing it makes everyone a stranger to it."""

    origins: Annotated[list[Origin], Once, ForPeople] | None = None
    """Browser origins whose scripts may call the token, userinfo, and revocation endpoints (CORS). Default: for a spa,
    the origins of its redirect URIs; for others, none."""

    scopes: Annotated[list[KnownScope], Once, ForPeople, AfterValidator(rules.scopes_of_grants)] | None = None
    """The scopes it may request. Default: openid, profile, email, and, with the refresh_token grant, offline_access.
    address, phone, and the scopes of your own claims must be listed."""

    apis: ApisOfClient = []
    """The APIs it may call: a list, or a mapping of each to the permissions that the client may have of it at most. The
    first is the audience of a token if none is requested."""

    unasked: Literal["all", "none"] = "all"
    """What it gets of its APIs when it asks for no permission in `scope`: all it may have, or nothing."""

    consent: Annotated[ConsentRule, ForPeople] = "once"
    """When people are asked for consent: `never` (first party), `once`, or `always`."""

    pkce: Annotated[Literal["required", "optional"], ForPeople, AfterValidator(rules.pkce_of_type)] = "required"
    """`optional` is for a web client with an older library. A challenge that is sent is still enforced."""

    require_pushed_authorization_requests: Annotated[bool, ForPeople] = False
    """Whether it must push its authorization requests (PAR, RFC 9126), so that nothing in a browser can change them."""

    request_object_signing_alg: Annotated[ClientAlg, ForPeople, AfterValidator(key_rules.alg_of_requests)] | None = None
    """The only algorithm that it may sign request objects with. Default: any of the four that fits its key."""

    require_signed_request_object: Annotated[bool, ForPeople, AfterValidator(key_rules.keys_for_requests)] = False
    """Whether its authorization requests must be signed (RFC 9101), by a key of `jwks` or `jwks_uri`."""

    allow: Annotated[AllowEntry, ForPeople] | None = None
    """Who may sign in to it. Default: everyone."""

    require_acr: Annotated[KnownLevel, ForPeople] | None = None
    """The level of authentication that people must reach to sign in to it."""

    provider: Annotated[KnownProvider, ForPeople] | None = None
    """The only provider through which people sign in to it. Without it, they can choose."""

    roles: Annotated[list[KnownRole], Once, AfterValidator(rules.roles_of_type)] = Field(default_factory=list)
    """The client's own roles, for the tokens that it gets for itself. People have theirs."""

    access_token_lifetime: int | None = Field(default=None, ge=60, le=3600)
    """Seconds; overrides the API's and the server's setting."""

    signing_alg: SigningAlg = "RS256"
    """What its tokens are signed with. `ES256` and `EdDSA` (Ed25519) make them smaller and faster to sign. Every
    resource server of the client must accept it; an API with a `signing_alg` of its own decides for its access
    tokens."""

    id_token_signed_response_alg: Annotated[SigningAlg, ForPeople] | None = None
    """What its ID tokens and logout tokens are signed with. Default: its `signing_alg`."""

    userinfo_signed_response_alg: Annotated[SigningAlg, ForPeople] | None = None
    """What userinfo signs its answers to the client with: then they are JWTs, with `iss` and `aud`, instead of JSON
    (OpenID Connect Core §5.3.2)."""

    dpop_bound_access_tokens: bool = False
    """Whether each of its token requests must bring a DPoP proof, so that a stolen access token is worth nothing
    without the client's key (RFC 9449). Without this, it decides by sending one or not."""

    tls_client_certificate_bound_access_tokens: Annotated[bool, AfterValidator(certificates.bound_one_way)] = False
    """Whether its tokens are bound to the TLS certificate with which it asks for them, so that a stolen access token is
    worth nothing without that certificate (RFC 8705). Each of its token requests must then come with one."""

    roles_claim: ClaimName | None = None
    """The name of the roles claim in this client's tokens; overrides the API's."""

    permissions_claim: ClaimName | None = None
    """The name of the permissions claim in this client's tokens; overrides the API's."""

    claims: ClaimsEntry | None = None
    """Where the client finds roles, permissions, and groups, if not in the access token or under other names, and what
    its ID tokens say about a person."""
