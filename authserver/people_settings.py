"""The settings about people: passwords, signing up, links and mails, and what pages look like."""

from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any, Literal

from limits import parse_many
from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, EnvSettingsSource, NoDecode, PydanticBaseSettingsSource

from authserver.protocol.colour import contrast, is_colour
from authserver.protocol.person.email_address import a_labels, email_fault
from authserver.protocol.service_links import is_service_link

LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
MINUTE, HOUR, DAY = 60, 3600, 86400
PICTURES = frozenset({".svg", ".png", ".webp", ".jpg", ".jpeg"})
LARGEST_LOGO = 256 * 1024
# What the accents stand on in static/tokens.css, and the contrast that WCAG 2.2 §1.4.3 asks of text.
GROUNDS = {"accent": "#eff3f1", "accent_dark": "#1d2521"}
READABLE = 4.5


def split(value: object) -> object:
    """A list written with commas."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def rate(value: str) -> str:
    """One rate limit, as the limiter will read it. Of several it would count the first alone."""
    try:
        (item,) = parse_many(value)
    except ValueError:
        item = None
    if item is None or item.amount < 1:
        raise PydanticCustomError("rate", "write it as 5 per minute, or 100 per 2 hours: one limit, of 1 or more")
    return value


class Environment(EnvSettingsSource):
    """The environment as a source of settings, without service links."""

    def __call__(self) -> dict[str, Any]:
        prefix = self.config["env_prefix"]
        found = super().__call__()
        return {name: value for name, value in found.items() if not is_service_link(f"{prefix}{name}", str(value))}


class PeopleSettings(BaseSettings):
    """A part of `Settings`. Durations are seconds."""

    password_hash_memory: int = Field(default=65536, ge=8192)
    """Memory of argon2id in KiB."""

    password_hash_time: int = Field(default=3, ge=1, le=20)
    """Passes of argon2id."""

    password_hash_parallelism: int = Field(default=4, ge=1, le=16)
    """Lanes of argon2id."""

    password_hash_concurrency: int = Field(default=2, ge=1, le=16)
    """Password hashes that one process computes at a time, so that a flood of sign-ins cannot starve the token
    endpoint."""

    password_policy: Literal["classic", "nist"] = "classic"  # noqa: S105 - not a password
    """`classic`: at least 12 characters, with an uppercase and a lowercase letter, a digit, and a special character.
    `nist`: at least 15 of any kind (NIST SP 800-63B-4). Both refuse common passwords and passwords made from personal
    words."""

    signup: Literal["off", "open", "domain", "invitation"] = "off"
    """Who may create an account: nobody, everyone, people with an address at one of `signup_domains`, or people invited
    with `authserver users invite`. Invitations work with every value."""

    signup_domains: Annotated[tuple[str, ...], NoDecode] = ()
    """Email domains (comma-separated) for `signup=domain`. A subdomain counts as a separate domain."""

    signup_limit: str = "20 per hour"
    """Sign-ups from one address: each costs a password hash."""

    mail_limit_account: str = "3 per hour"
    """Mails of one kind (forgotten password, sign-up, verification) that one address (IPv6: one /64) can request for
    one recipient. Requests from elsewhere do not use up the recipient's own."""

    mail_limit_recipient: str = "10 per hour"
    """Such mails to one recipient, no matter who requests them, so that no mailbox is flooded from many places. Over
    the limit, people are told that none was sent."""

    mail_limit_address: str = "10 per hour"
    """Such mails that can be requested from one address (IPv6: one /64)."""

    smtp_host: str | None = None
    """The mail server that delivers the mails. Without it, mails wait in the database for `mail_patience`."""

    smtp_port: int = Field(default=587, ge=1, le=65535)
    """Its port: 587 with `starttls`, 465 with `tls` (RFC 8314 §3.3)."""

    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection to it is encrypted; its certificate is verified. Use `none` only for a server on this machine
    or your own network: mails contain links that reset passwords."""

    smtp_user: str | None = None
    """The username for the mail server, if it requires one."""

    smtp_password: SecretStr | None = None
    """The password for `smtp_user`."""

    smtp_timeout: int = Field(default=10, ge=1, le=60)
    """The mail server must answer each step within this time, or the mail is retried later."""

    mail_from: str = ""
    """The sender of mails, `address` or `Name <address>`. Default: `no-reply@` and the host of the issuer."""

    mail_patience: int = Field(default=3 * DAY, ge=HOUR, le=14 * DAY)
    """A mail that cannot be sent is retried for this long, then given up on with an event."""

    logout_to_private_network: bool = False
    """Logout tokens may go to addresses of private networks and of this machine, and by plain http. Without it, only
    those of clients with `http_on_private_network` may. On a loopback issuer they always may."""

    reset_lifetime: int = Field(default=30 * MINUTE, ge=MINUTE, le=DAY)
    """A link to reset a forgotten password works once, for this long."""

    verify_lifetime: int = Field(default=DAY, ge=MINUTE, le=7 * DAY)
    """A link or code that verifies an email address works once, for this long."""

    invite_lifetime: int = Field(default=3 * DAY, ge=HOUR, le=30 * DAY)
    """An invitation works once, for this long."""

    fresh_authentication: int = Field(default=10 * MINUTE, ge=MINUTE, le=HOUR)
    """To change a password or an email address, export data, or delete an account, a person must have signed in at most
    this long ago or confirm who they are (ASVS 7.5.1)."""

    session_idle: int = Field(default=HOUR, ge=MINUTE)
    """A sign-in session ends when unused for this long. Use is recorded once a minute, or six times within this time if
    it is shorter."""

    session_lifetime: int = Field(default=12 * HOUR, ge=MINUTE)
    """A sign-in session ends at this age."""

    remember_idle: int = Field(default=7 * DAY, ge=MINUTE)
    """Like `session_idle`, if the person checked "Keep me signed in on this device"."""

    remember_lifetime: int = Field(default=30 * DAY, ge=MINUTE)
    """Like `session_lifetime`, if the person checked "Keep me signed in on this device"."""

    mapped_roles_lifetime: int = Field(default=DAY, ge=MINUTE)
    """Roles from a provider's claims count for this long after a sign-in there, in sessions that began there and in
    their refreshes. Someone who loses the group there loses the role here after this time at the latest. A provider
    may set its own (`roles_lifetime` in clients.yaml)."""

    signin_limit_account: str = "5 per minute"
    """Failed sign-ins to one account from one address. Neither this limit nor the next applies to a browser in which
    the person has signed in before: it has its own growing wait."""

    signin_limit_address: str = "30 per minute"
    """Failed sign-ins from one address (IPv6: one /64), whatever the account: slows the spraying of one password. Wrong
    codes are counted by the same limit."""

    signin_backoff_after: int = Field(default=5, ge=1, le=100)
    """After this many failures in a row, each further sign-in to the account must wait longer."""

    signin_backoff_max: int = Field(default=15 * MINUTE, ge=1, le=DAY)
    """The longest such wait. There is no hard lock: it would be a gift to an attacker."""

    device_lifetime: int = Field(default=180 * DAY, ge=DAY, le=400 * DAY)
    """A browser in which a person has signed in stays known this long: strangers who guess at the account do not slow
    it down, and the person is told by mail about a sign-in from any other browser."""

    language: Literal["en", "de"] = "en"
    """The language of pages and mails if neither the client, the person, nor the browser asks for one of them."""

    product_name: str = Field(default="", max_length=60)
    """What pages and mails call this service. Default: the host of the issuer."""

    logo: Path | None = None
    """An image (.svg, .png, .webp, or .jpg, at most 256 KiB) at the top of every page. Mails include it if it is a .png
    or .jpg of at most 64 KiB, and otherwise show the product's name."""

    accent: str | None = None
    """The color of buttons and links on light pages and in mails, such as `#0f6b57`. It must have enough contrast there
    (WCAG 2.2 AA)."""

    accent_dark: str | None = None
    """The same for dark pages."""

    templates_dir: Path | None = None
    """A folder of your own templates. A file in it replaces the one with the same name in authserver/templates, such as
    `base.html`, `accounts/sign_in.html`, or `mail/reset.jinja`; the others stay."""

    google_client_id: str | None = None
    """With `google_client_secret`, lets people continue with Google. For rules, use an entry named `google` under
    `providers` in clients.yaml instead, which replaces these two."""

    google_client_secret: SecretStr | None = None
    """The secret for `google_client_id`."""

    _limits_of_people_are_rates = field_validator(
        "signup_limit",
        "signin_limit_account",
        "signin_limit_address",
        "mail_limit_account",
        "mail_limit_recipient",
        "mail_limit_address",
    )(rate)
    _split_domains = field_validator("signup_domains", mode="before")(split)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - in its place stands ours
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - no folder of secrets is read
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is given, else the environment, else `.env`."""
        return init_settings, Environment(settings_cls), dotenv_settings

    @field_validator("signup_domains")
    @classmethod
    def _signup_domains_are_domains(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := next((each for each in value if a_labels(each) is None), None):
            raise PydanticCustomError(
                "signup_domains", "write domains such as example.com: {wrong} is none", {"wrong": wrong[:100]}
            )
        return value

    @property
    def signup_domain_keys(self) -> frozenset[str | None]:
        """The `signup_domains` as addresses are compared with them: in A-labels and lower case."""
        return frozenset(map(a_labels, self.signup_domains))

    @field_validator("mail_from")
    @classmethod
    def _mail_from_is_an_address(cls, value: str) -> str:
        if value and (not value.isprintable() or email_fault(parseaddr(value)[1])):
            raise PydanticCustomError("mail_from", "write it as address@domain or Name <address@domain>")
        return value

    @field_validator("logo")
    @classmethod
    def _logo_is_a_picture(cls, value: Path | None) -> Path | None:
        if value is not None and value.suffix.lower() not in PICTURES:
            raise PydanticCustomError("logo", "name a file that ends in .svg, .png, .webp or .jpg")
        if value is not None and not (value.is_file() and value.stat().st_size <= LARGEST_LOGO):
            raise PydanticCustomError("logo", "no such file, or it is larger than 256 KiB")
        return value

    @field_validator("accent", "accent_dark")
    @classmethod
    def _accent_can_be_read(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None:
            return None
        if not is_colour(value):
            raise PydanticCustomError("accent", "write the color as #0f6b57")
        if contrast(value, GROUNDS[str(info.field_name)]) < READABLE:
            raise PydanticCustomError("accent", "too little contrast with the page: choose a darker or lighter color")
        return value

    @field_validator("templates_dir")
    @classmethod
    def _templates_are_a_folder(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_dir():
            raise PydanticCustomError("templates_dir", "no such folder")
        return value

    def faults_of_people(self, is_loopback: bool) -> list[str]:
        """Where these settings contradict each other."""
        faults = []
        if self.signup == "domain" and not self.signup_domains:
            faults.append("signup is domain: name the domains in signup_domains")
        if (self.smtp_user is None) != (self.smtp_password is None):
            faults.append("smtp_user and smtp_password go together: set both or neither")
        if self.smtp_user and self.smtp_security == "none" and self.smtp_host not in LOOPBACK_HOSTS:
            faults.append(
                "smtp_security is none: the password would cross the network unencrypted; use starttls or tls"
            )
        if self.signup in {"open", "domain"} and self.smtp_host is None and not is_loopback:
            faults.append("signup needs mail to verify addresses: set smtp_host")
        if (self.google_client_id is None) != (self.google_client_secret is None):
            faults.append("google_client_id and google_client_secret go together: set both or neither")
        return faults
