"""One provider upstream as clients.yaml registers it: who vouches for people, and under which rules."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from authserver.clients.file.names import KnownLevel, KnownRole, Name, Shape, listed_once, rule
from authserver.clients.providers import rules
from authserver.protocol.provider import Refreshed, SecondFactor, UpstreamAuthMethod, UpstreamPrompt

Once = AfterValidator(listed_once)
Domain = Annotated[
    str,
    Shape(r"^[^\u0000- @A-Z.*]+(\.[^\u0000- @A-Z.*]+)+$", "must be a domain such as example.com, in lowercase"),
    AfterValidator(rules.domain),
]
TrustedDomain = Annotated[
    str,
    Shape(
        r"^(\*|[^\u0000- @A-Z.*]+(\.[^\u0000- @A-Z.*]+)+)$",
        'must be a domain such as example.com, in lowercase, or "*" for every domain',
    ),
    AfterValidator(rules.domain),
]
Scope = Annotated[str, Shape(r"^[!#-\[\]-~]{1,100}$", "must be a scope: printable ASCII without space or quote")]
ClaimOfProvider = Annotated[str, Shape(r"^[!#-\[\]-~]{1,200}$", "must be the name of a claim")]
UpstreamClientId = Annotated[str, Shape(r"^[!-~]{1,300}$", "must be 1 to 300 printable ASCII characters without space")]
Path = Annotated[str, Shape(r"^[^\u0000-\u001f\u007f]{1,1000}$", "must be the path of a file")]


class UpstreamSecretEntry(BaseModel):
    """The secret issued by the provider: exactly one of env and file."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        json_schema_extra={"oneOf": [{"required": [name]} for name in ("env", "file")]},
    )

    env: Annotated[str, Shape(r"^[A-Z_][A-Z0-9_]{0,99}$", "must be capital letters, digits, and _")] | None = None
    """The environment variable that contains the secret."""

    file: Path | None = None
    """The file that contains the secret and nothing else. A relative path starts at the folder of clients.yaml."""

    @model_validator(mode="after")
    def _exactly_one_source(self) -> Self:
        if (self.env is None) == (self.file is None):
            raise rule("must have exactly one of env and file")
        return self


class ProviderEntry(BaseModel):
    """A provider: an OpenID provider by its issuer, or a preset."""

    # The preset stands before what depends on it: each check sees the fields above its own.
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    preset: Literal["google", "github"] | None = None
    """`google` or `github` (OAuth 2.0 without ID tokens), which fill in what is known about them."""

    issuer: Annotated[str | None, AfterValidator(rules.issuer)] = Field(default=None, validate_default=True)
    """The issuer, exactly as in the provider's ID tokens. Its metadata is at `/.well-known/openid-configuration` below
    it. With the preset github: the address of a GitHub Enterprise Server."""

    client_id: UpstreamClientId
    """This server's client_id at the provider."""

    secret: UpstreamSecretEntry
    """This server's secret at the provider."""

    token_endpoint_auth_method: UpstreamAuthMethod = "client_secret_basic"  # noqa: S105 - a method
    """How this server authenticates there."""

    label: Name | None = None
    """What the button says after "Continue with". Default: the preset's label, or the name here."""

    logo: Path | None = None
    """An image for the button, SVG or PNG, at most 64 KiB. A relative path starts at the folder of clients.yaml."""

    scopes: Annotated[list[Scope], Once, AfterValidator(rules.scopes)] | None = None
    """The scopes to request. Default: openid, email, and profile; github: read:user and user:email."""

    prompt: UpstreamPrompt | None = None
    """Sent with every request. `select_account` lets people with several accounts there choose each time."""

    hd: Annotated[Domain, AfterValidator(rules.google_only)] | None = None
    """google: the only Google Workspace domain whose people may sign in."""

    allowed_domains: Annotated[list[Domain], Once] = []
    """Only people with a verified email address at one of these may sign in; if empty, everyone."""

    trusted_domains: Annotated[list[TrustedDomain], Once] | None = None
    """The domains whose addresses this provider itself issues. Only for these is it trusted to say that an address is
    verified. Use `"*"` for your own provider that verifies every address. google: gmail.com, googlemail.com, and the
    person's Workspace domain."""

    sign_up: bool | None = None
    """Whether people who are new here get an account: true or false. Default: the setting `signup` decides."""

    roles: dict[ClaimOfProvider, dict[Name, KnownRole]] = {}
    """Roles from claims, updated at each sign-in, as in `groups: {engineering: moderator}`. They count only in sessions
    that began at this provider, and for a limited time."""

    roles_lifetime: int | None = Field(default=None, ge=60)
    """Seconds that such a role counts after a sign-in at this provider; overrides the setting
    `mapped_roles_lifetime`."""

    refresh: Annotated[list[Refreshed], Once] = []
    """What is copied from the provider at each sign-in, not only at the first: `name`, `picture`."""

    second_factor: SecondFactor = "ask"
    """Whether people who came through this provider and have set up a second factor here are asked for it: `ask`;
    `amr`: unless the provider's `amr` contains `mfa`; `trust`: never, because the provider always asks for one
    itself."""

    acr: dict[Name, KnownLevel] = {}
    """What its `acr` is worth here: `{"urn:example:loa:2": silver}`. Otherwise what it says reaches no level."""

    amr: dict[Name, KnownLevel] = {}
    """What the methods in its `amr` are worth here: `{mfa: silver}`. Otherwise what it says reaches no level."""

    skip_consent: bool = False
    """People who came through this provider are not asked for consent by clients that ask once, unless these registered
    themselves."""

    sign_out: bool = False
    """People who sign out here are also signed out there, if the provider has an end-session endpoint."""

    keep_tokens: bool = False
    """Keep the provider's tokens, encrypted. Otherwise they are discarded at once."""
