"""Every setting of the server: its name, its default and the reason for it.

Read from the environment and `.env`, each name with the prefix `AUTHSERVER_`. A wrong or contradictory setting refuses
to start, and every fault is named at once. Others stand in `people_settings`, `factor_settings`, `edge_settings`.
"""

import ipaddress
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode, SettingsConfigDict

from authserver.edge_settings import EdgeSettings
from authserver.factor_settings import FactorSettings
from authserver.people_settings import DAY, HOUR, LOOPBACK_HOSTS, MINUTE, PeopleSettings, rate, split
from authserver.protocol.issuer import is_issuer

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _is_readable(url: str) -> bool:
    """Whether a URL has at most one `@`, and ports that are: else a part of a password is taken for the host."""
    try:
        user, _, hosts = urlsplit(url).netloc.rpartition("@")
        return "@" not in user and all(urlsplit(f"//{host}").port != 0 for host in hosts.split(","))
    except ValueError:
        return False


class Settings(PeopleSettings, FactorSettings, EdgeSettings):
    """All settings. Durations are seconds."""

    model_config = SettingsConfigDict(
        env_prefix="AUTHSERVER_", env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    issuer: str = "http://localhost:8080"
    """The public address of this server, exactly as in `iss`. It is the only source of every URL; the Host header is
    never trusted. It must be https, except on a loopback address. A path is allowed, a trailing slash is not."""

    host: str = "127.0.0.1"
    """The address to listen on. Behind a reverse proxy on another machine: `0.0.0.0`."""

    port: int = Field(default=8080, ge=1, le=65535)
    """The port to listen on."""

    workers: int = Field(default=1, ge=1, le=64)
    """Worker processes, about one per core. More than one works with SQLite, but writes take turns."""

    threads: int = Field(default=4, ge=1, le=64)
    """Requests of machines that one worker handles at a time. Pages have half as many places of their own, so that no
    flood of sign-ins holds up a token."""

    trusted_proxies: Annotated[tuple[Network, ...], NoDecode] = ()
    """Networks (CIDR, comma-separated) whose `X-Forwarded-For` is trusted. By default, the client address is the
    peer's, since a forged header must not evade a limit. The proxy must set the header and drop header names with
    underscores, as nginx does: `X_Forwarded_For` would be read as the same name."""

    database_url: SecretStr = SecretStr("sqlite:///authserver.db")
    """Where people, sessions, and authorizations are stored: `sqlite:///path/to/file.db` or
    `postgresql://user:password@host/name`, with several hosts (`host1:5432,host2:5432`) and any libpq parameter."""

    database_pool: int = Field(default=5, ge=1, le=100)
    """Database connections that one worker keeps open."""

    database_statement_timeout: float = Field(default=5, ge=0.1, le=3600)
    """On PostgreSQL, a statement may take this long, or a quarter of it where an endpoint for clients writes, such as
    the token endpoint. Then it is canceled and the request gets 503. Commands and migrations may take their time."""

    database_lock_timeout: float = Field(default=2, ge=0.1, le=3600)
    """On PostgreSQL, a statement waits this long for a lock, or a quarter of it where an endpoint for clients writes,
    such as the token endpoint: a locked table must not hold up requests that do without it."""

    redis_url: SecretStr | None = None
    """Redis (`redis://host:6379/0`) for rate limits shared between workers and machines. Without it, each worker
    counts for itself."""

    clients_file: Path = Path("clients.yaml")
    """APIs, roles, and clients; reloaded when it changes and on SIGHUP."""

    clients_reload: int = Field(default=1, ge=1, le=3600)
    """How often a worker checks whether `clients_file` has changed."""

    keys_dir: Path = Path("keys")
    """Where the master key is stored as `master.key` if `master_key` is not set. The server creates it, with mode 0600,
    only if the issuer is a loopback address."""

    master_key: Annotated[tuple[SecretStr, ...], NoDecode] = ()
    """One or more Fernet keys, comma-separated: the first encrypts, all decrypt. It encrypts the signing keys in
    the database, so a copy of the database alone cannot sign anything. Make one with
    `authserver keys new-master-key`."""

    signing_key_bits: Literal[2048, 3072, 4096] = 2048
    """Size of new RSA keys. 2048 is what every resource server accepts and signs fastest."""

    key_rotation: int = Field(default=30 * DAY, ge=HOUR)
    """A signing key is replaced after this long."""

    key_publish_ahead: int = Field(default=48 * HOUR, ge=0)
    """A new key is in the JWKS this long before its first use: resource servers cache a JWKS for up to a day."""

    key_retain: int = Field(default=7 * DAY, ge=HOUR)
    """A retired key stays in the JWKS at least this long, and until the last token it signed has expired."""

    key_hold_back: int = Field(default=3 * DAY, ge=0)
    """A new key signs this much later at most, for APIs that fetch the JWKS regularly and have not fetched it with the
    key. 0 waits for nobody."""

    jwks_max_age: int = Field(default=600, ge=0)
    """`Cache-Control: max-age` of the JWKS and the metadata."""

    access_token_lifetime: int = Field(default=30 * MINUTE, ge=60, le=HOUR)
    """Roles in a token are stale for at most this long. An API or a client may set its own."""

    access_token_size: int = Field(default=4096, ge=1024, le=65536)
    """Bytes. Proxies and servers refuse requests whose headers grow past 8 KiB or so: `authserver clients check` names
    the clients whose access tokens can outgrow this, and one that does is an event."""

    id_token_lifetime: int = Field(default=10 * MINUTE, ge=60, le=HOUR)
    """An ID token is checked on arrival, so it needs little time."""

    refresh_token_idle: int = Field(default=7 * DAY, ge=MINUTE)
    """An unused refresh token ends after this long."""

    refresh_token_lifetime: int = Field(default=30 * DAY, ge=MINUTE)
    """Rotation never extends an authorization past this age."""

    refresh_grace: int = Field(default=60, ge=0, le=600)
    """For this long, a replaced token that the same client presents again gets the same successor, since two tabs or a
    lost response are not theft. `0` turns this off."""

    dpop_nonce: bool = False
    """Whether a DPoP proof must contain a nonce that the server gave out less than five minutes ago (RFC 9449 §8)."""

    code_lifetime: int = Field(default=60, ge=10, le=600)
    """An authorization code must be redeemed within this time."""

    device_code_lifetime: int = Field(default=10 * MINUTE, ge=MINUTE, le=30 * MINUTE)
    """A person must answer a device within this time: the code that it shows is short, and could be guessed."""

    request_lifetime: int = Field(default=30 * MINUTE, ge=MINUTE, le=DAY)
    """How long a person may take from the first page to the last."""

    state_size: int = Field(default=2048, ge=512, le=16384)
    """Bytes of the longest `state`, and the longest `nonce`, of an authorization request. Both are stored while a
    person signs in, and strangers must not be able to fill the database."""

    pushed_request_lifetime: int = Field(default=60, ge=5, le=600)
    """A browser must bring a pushed request (PAR) within this time. If the person is asked something, it then has
    `request_lifetime`, as any other."""

    require_pushed_authorization_requests: bool = False
    """Refuse authorization requests that were not pushed, whatever the client. `clients.yaml` can say so for one."""

    request_limit: str = "300 per minute"
    """Sign-ins started from one address (IPv6: one /64): each authorization request of someone who is not signed in,
    and each way to a provider, is stored for `request_lifetime`."""

    client_auth_limit: str = "30 per minute"
    """Wrong secrets of one client from one address. The right secret is never refused and never counted: one client
    can serve a hundred thousand people."""

    events_retention: int = Field(default=180 * DAY, ge=DAY)
    """Audit events are kept this long in the database."""

    upstream_timeout: float = Field(default=5, ge=0.1, le=30)
    """A provider must answer each call within this time, or the person is told that it cannot be reached."""

    cleanup_interval: int = Field(default=60, ge=1, le=DAY)
    """How often the running server removes expired rows, a small batch at a time."""

    max_body: int = Field(default=65536, ge=4096, le=1048576)
    """The largest request body in bytes. No endpoint needs more."""

    body_timeout: int = Field(default=10, ge=1, le=300)
    """A request body must arrive within this time, or its connection is closed (on Linux). A slow sender occupies a
    waiting thread, never a working one."""

    registration: Literal["token", "open", "off"] = "token"
    """Who may register a client at `/register` (RFC 7591). `token`: whoever has an initial access token from
    `authserver clients registration-token` or the management API. `open`: anybody on the Internet, without asking: such
    a client can send people to the consent page under any name and lead them back to any https address."""

    registration_scopes: Annotated[tuple[str, ...], NoDecode] = ("openid", "profile", "email", "offline_access")
    """The scopes that a client may register for where its initial access token names none, and with `open`
    registration; permissions of APIs are scopes, too. Each client gets those that it asks for."""

    registration_limit: str = "20 per hour"
    """How often one address may ask for a registration, or change one that has a `sector_identifier_uri`."""

    registered_clients: int = Field(default=10_000, ge=1)
    """So many clients may be registered; then no more are taken until some are removed."""

    registered_client_unused: int = Field(default=30 * DAY, ge=DAY)
    """A registered client that gets no token for this long is removed."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """The least severe log line that is written."""

    log_format: Literal["json", "console"] = "json"
    """`json` writes one object per line; `console` is for people."""

    _limits_are_rates = field_validator("request_limit", "client_auth_limit", "registration_limit")(rate)
    _split_lists = field_validator("trusted_proxies", "master_key", "registration_scopes", mode="before")(split)

    @property
    def host_of_issuer(self) -> str:
        return urlsplit(self.issuer).hostname or ""

    @property
    def scheme(self) -> str:
        return urlsplit(self.issuer).scheme

    @property
    def authority(self) -> str:
        """Host and port of the issuer, as a Host header has them."""
        return urlsplit(self.issuer).netloc

    @property
    def may_sign_up(self) -> bool:
        """Whether people can make an account by themselves, without having been invited."""
        return self.signup in {"open", "domain"}

    @property
    def path(self) -> str:
        """The path of the issuer, without a slash at its end: where every route hangs."""
        return urlsplit(self.issuer).path

    @property
    def is_loopback(self) -> bool:
        """An http issuer on this machine: cookies go without Secure and a master key may be made on the spot."""
        return self.issuer.startswith("http://") and self.host_of_issuer in LOOPBACK_HOSTS

    @field_validator("issuer")
    @classmethod
    def _issuer_is_a_url(cls, value: str) -> str:
        if not is_issuer(value):
            raise PydanticCustomError(
                "issuer", "write it as https://host or https://host/path, without a trailing slash, query, or fragment"
            )
        if value.startswith("http:") and urlsplit(value).hostname not in LOOPBACK_HOSTS:
            raise PydanticCustomError("issuer", "http is for localhost, 127.0.0.1 and [::1] only; use https://")
        return value

    @field_validator("redis_url")
    @classmethod
    def _redis_url_is_one(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        url = value.get_secret_value()
        if not _is_readable(url) or urlsplit(url).scheme not in {"redis", "rediss"} or not urlsplit(url).hostname:
            raise PydanticCustomError("redis_url", "write it as redis://host:6379/0, or rediss://… for TLS")
        return value

    @field_validator("master_key")
    @classmethod
    def _master_keys_are_fernet_keys(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for key in value:
            try:
                Fernet(key.get_secret_value())
            except ValueError:
                raise PydanticCustomError(
                    "master_key", "each key is 32 bytes in URL-safe base64; `authserver keys new-master-key` makes one"
                ) from None
        return value

    @model_validator(mode="after")
    def _lifetimes_agree(self) -> Self:
        faults = [
            f"{idle} is longer than {whole}: lower the first or raise the second"
            for idle, whole in (
                ("session_idle", "session_lifetime"),
                ("remember_idle", "remember_lifetime"),
                ("refresh_token_idle", "refresh_token_lifetime"),
                ("key_publish_ahead", "key_rotation"),
                # Else whoever keeps the JWKS for as long as it says meets a kid that is not in it.
                ("jwks_max_age", "key_publish_ahead"),
            )
            if getattr(self, idle) > getattr(self, whole)
        ]
        if self.monitoring_port == self.port:
            faults.append("monitoring_port and port are the same: give each its own")
        faults += self.faults_of_people(self.is_loopback) + self.faults_of_mtls(has_proxies=bool(self.trusted_proxies))
        faults += self.faults_of_factors(self.smtp_host, is_loopback=self.is_loopback)
        url = self.database_url.get_secret_value()
        if not url.startswith(("sqlite:///", "postgresql://")):
            faults.append("database_url must begin with sqlite:/// or postgresql://")
        elif not _is_readable(url):
            faults.append("database_url is malformed: in user and password write @ as %40, : as %3A and / as %2F")
        if not self.is_loopback and url in {"sqlite://", "sqlite:///", "sqlite:///:memory:"}:
            faults.append("database_url stores nothing permanently: name a file or a PostgreSQL database")
        if faults:
            raise PydanticCustomError("settings", "{faults}", {"faults": "; ".join(faults)})
        return self
