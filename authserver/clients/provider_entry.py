"""One provider upstream as clients.yaml registers it: who vouches for people, and under which rules."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from authserver.clients import provider_rules as rules
from authserver.clients.names import KnownRole, Name, Shape, listed_once, rule
from authserver.protocol.provider import Refreshed, UpstreamAuthMethod, UpstreamPrompt

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
    """The secret that a provider gave: exactly one of env and file."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        json_schema_extra={"oneOf": [{"required": [name]} for name in ("env", "file")]},
    )

    env: Annotated[str, Shape(r"^[A-Z_][A-Z0-9_]{0,99}$", "must be capital letters, digits, and _")] | None = None
    """The environment variable that holds the secret."""

    file: Path | None = None
    """The file that holds the secret and nothing else; a relative path starts at the folder of clients.yaml."""

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
    """What is known of `google` and of `github` (OAuth 2.0 without ID tokens) need not be written."""

    issuer: Annotated[str | None, AfterValidator(rules.issuer)] = Field(default=None, validate_default=True)
    """The issuer, exactly as it stands in the provider's ID tokens; its metadata lie below it at
    `/.well-known/openid-configuration`. With the preset github: the address of a GitHub Enterprise Server."""

    client_id: UpstreamClientId
    """The name of this server at the provider."""

    secret: UpstreamSecretEntry
    """The secret of this server at the provider."""

    token_endpoint_auth_method: UpstreamAuthMethod = "client_secret_basic"  # noqa: S105 - a method
    """How this server authenticates there."""

    label: Name | None = None
    """What the button says after "Continue with". Left out: the preset's, or the name here."""

    logo: Path | None = None
    """A picture for the button, SVG or PNG, 64 KiB at most; a relative path starts at the folder of clients.yaml."""

    scopes: Annotated[list[Scope], Once, AfterValidator(rules.scopes)] | None = None
    """What is asked for. Left out: openid, email and profile; github: read:user and user:email."""

    prompt: UpstreamPrompt | None = None
    """Sent with every request: `select_account` lets people with several accounts there choose each time."""

    hd: Annotated[Domain, AfterValidator(rules.google_only)] | None = None
    """google: the one Google Workspace domain whose people may sign in."""

    allowed_domains: Annotated[list[Domain], Once] = []
    """Only people with a verified email address at one of these may sign in; everybody if empty."""

    trusted_domains: Annotated[list[TrustedDomain], Once] | None = None
    """The domains whose addresses this provider itself gives out: only there its word that an address is verified
    counts as proof. `"*"` for a provider of your own that verifies every address. google: gmail.com, googlemail.com and
    the Workspace domain of the person."""

    sign_up: bool | None = None
    """Whether who is new here gets an account: true, false, or left out: as the setting `signup` says."""

    roles: dict[ClaimOfProvider, dict[Name, KnownRole]] = {}
    """Roles out of claims, worked out anew at each sign-in, as in `groups: {engineering: moderator}`. They count in
    sessions that began at this provider, and for a time."""

    roles_lifetime: int | None = Field(default=None, ge=60)
    """Seconds that such a role counts after a sign-in at this provider; goes before the setting
    `mapped_roles_lifetime`."""

    refresh: Annotated[list[Refreshed], Once] = []
    """What is taken over from the provider at each sign-in, not the first alone: `name`, `picture`."""

    skip_consent: bool = False
    """People who came through this provider are not asked for consent where it is asked once."""

    sign_out: bool = False
    """Who signs out here is signed out there, too, where the provider has an end-session endpoint."""

    keep_tokens: bool = False
    """Keep the tokens of the provider, encrypted; otherwise they are forgotten at once."""
