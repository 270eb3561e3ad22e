"""What the five questions were answered with, as settings of the server."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import ValidationError

from authserver.protocol.person.email_address import email_fault
from authserver.settings import Settings

STATE = "/var/lib/authserver"
DEFAULT_DATABASE = f"sqlite:///{STATE}/authserver.db"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
_PORTS = {"smtp": 587, "smtps": 465}
# Below, root alone may listen.
_FIRST_PORT = 1024
# Where the unit has the server answer probes.
MONITORING_PORT = 9464
_FILE = re.compile(rf"sqlite:///{STATE}/[\w-][\w.-]*", re.ASCII)
Check = Callable[[str, str | None], None]


class AnswerError(ValueError):
    """An answer that will not do; the text says why."""


@dataclass(frozen=True, slots=True)
class Answers:
    """As they were given, and the settings that follow from them."""

    issuer: str
    run: str
    database: str
    mail: str
    admin: str
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def host(self) -> str:
        """Of the issuer."""
        return urlsplit(self.issuer).hostname or ""

    @property
    def port(self) -> int:
        """Of the issuer."""
        parts = urlsplit(self.issuer)
        return parts.port or (443 if parts.scheme == "https" else 80)

    @property
    def is_on_ipv6(self) -> bool:
        """Whether it is tried on this machine at `[::1]`, where a server at 127.0.0.1 does not answer."""
        return self.is_local and self.host == "::1"

    @property
    def is_local(self) -> bool:
        """Whether it is tried on this machine, without TLS."""
        return self.issuer.startswith("http:") and self.host in LOOPBACK

    @property
    def has_own_database(self) -> bool:
        """Whether Compose brings the database along."""
        return self.run == "compose" and self.database == "default"


def with_settings(given: Answers) -> Answers:
    """With the settings that follow from answers that have been checked."""
    settings = {"issuer": given.issuer, **_mail(given.mail)}
    if not given.has_own_database:
        settings["database_url"] = DEFAULT_DATABASE if given.database == "default" else given.database
    return replace(given, settings=settings)


def check_issuer(issuer: str, run: str | None) -> None:
    """Raises AnswerError, as the other checks do."""
    _check_setting("issuer", issuer)
    _check_plain(issuer)
    parts = urlsplit(issuer)
    if run == "compose":
        is_published = parts.scheme == "http" and parts.hostname != "::1" and not parts.path
        if not is_published and issuer.lower() != f"https://{parts.hostname}":
            raise AnswerError(
                "for compose it is https:// and the name of a host, without a port or a path, or http://localhost:8080"
            )
    elif parts.scheme == "http":
        if (parts.port or 80) < _FIRST_PORT:
            raise AnswerError("the unit lets the server listen from port 1024 on: write http://localhost:8080")
        if parts.port == MONITORING_PORT:
            raise AnswerError(f"the unit keeps port {MONITORING_PORT} for probes and metrics: take another")


def check_database(url: str, run: str | None) -> None:
    """Besides what the server refuses: what a sandbox or a container does not reach."""
    if url == "default":
        return
    _check_setting("database_url", url)
    _check_plain(url)
    if url.startswith("postgresql:"):
        _check_hosts(url, run)
    elif run == "compose":
        raise AnswerError(
            "compose runs two servers, which cannot share an SQLite file: write postgresql://… or default"
        )
    elif not _FILE.fullmatch(url):
        raise AnswerError(
            f"the unit lets the server write to {STATE} alone: write sqlite:///{STATE}/NAME.db or default"
        )


def _check_hosts(url: str, run: str | None) -> None:
    from authserver.store import SQLAlchemyError
    from authserver.store.engine.postgresql import connect_arguments

    try:
        given = connect_arguments(url)
    except SQLAlchemyError as error:
        raise AnswerError(str(error)) from None
    hosts = str(given.get("hostaddr") or given.get("host") or "").split(",")
    # Without a host, or with a folder in its place, it is a socket of this machine.
    if run == "compose" and any(not host or host[0] in "/@" or host in LOOPBACK for host in hosts):
        raise AnswerError(
            "in a container, localhost is the container itself: name the host of the database, or default"
        )


def check_mail(url: str, run: str | None) -> None:
    """A URL, or `none`."""
    settings = _mail(url)
    for value in settings.values():
        _check_plain(value)
    if run == "compose" and settings.get("smtp_host") in LOOPBACK:
        raise AnswerError("in a container, localhost is the container itself: name the host of the mail server")


def check_admin(address: str, _run: str | None) -> None:
    """An email address."""
    if fault := email_fault(address):
        raise AnswerError(fault)


def _check_setting(name: str, value: str) -> None:
    # A `.env` that is in force here will not be there.
    given: dict[str, Any] = {name: value, "_env_file": None}
    try:
        Settings(**given)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False):
            # A fault of several settings names them.
            if fault["loc"][:1] == (name,) or (not fault["loc"] and name in fault["msg"]):
                raise AnswerError(fault["msg"]) from None


def _check_plain(value: str) -> None:
    # `.env` is read by Python and by Compose, each in a way of its own.
    if re.search(r"['\\$\s\0-\x1f\x7f]", value):
        raise AnswerError("a quote, a backslash, a $, or a space has to be written into .env by hand")


def _mail(url: str) -> dict[str, str]:
    if url == "none":
        return {}
    try:
        parts = urlsplit(url)
        port = _PORTS[parts.scheme] if parts.port is None else parts.port
        is_half = bool(parts.username) != bool(parts.password) or parts.netloc.startswith((":", "@"))
        if is_half or port == 0 or not parts.hostname or parts.path not in ("", "/") or parts.query or parts.fragment:
            raise ValueError
    except (ValueError, KeyError):
        raise AnswerError("write smtp://user:password@host:587, smtps://user:password@host, or none") from None
    settings = {
        "smtp_host": parts.hostname,
        "smtp_port": str(port),
        # On this machine nobody reads along, and no certificate is for localhost.
        "smtp_security": "tls" if parts.scheme == "smtps" else "none" if parts.hostname in LOOPBACK else "starttls",
    }
    if parts.username and parts.password:
        settings |= {"smtp_user": unquote(parts.username), "smtp_password": unquote(parts.password)}
    return settings
