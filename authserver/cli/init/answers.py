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
_HERE = re.compile(r"[/@,](?:localhost|127\.0\.0\.1|\[::1\])(?=[:,/?]|$)")
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
    is_plain = parts.scheme == "http" or issuer == f"https://{parts.hostname}"
    if run == "compose" and not is_plain:
        raise AnswerError("for compose it is https:// and the name of a host, without a port or a path")
    if run == "systemd" and parts.scheme == "http" and (parts.port or 80) < _FIRST_PORT:
        raise AnswerError("the unit lets the server listen from port 1024 on: write http://localhost:8080")


def check_database(url: str, run: str | None) -> None:
    """Besides what the server refuses: what a sandbox or a container does not reach."""
    if url == "default":
        return
    _check_setting("database_url", url)
    _check_plain(url)
    is_file = url.startswith("sqlite:")
    if run == "compose" and is_file:
        raise AnswerError(
            "compose runs two servers, which cannot share an SQLite file: write postgresql://… or default"
        )
    if run == "compose" and _HERE.search(url):
        raise AnswerError(
            "in a container, localhost is the container itself: name the host of the database, or default"
        )
    if run == "systemd" and is_file and not url.startswith(f"sqlite:///{STATE}/"):
        raise AnswerError(f"the unit lets the server write to {STATE} alone: write sqlite:///{STATE}/… or default")


def check_mail(url: str, _run: str | None) -> None:
    """A URL, or `none`."""
    for value in _mail(url).values():
        _check_plain(value)


def check_admin(address: str, _run: str | None) -> None:
    """An email address."""
    if fault := email_fault(address):
        raise AnswerError(fault)


def _check_setting(name: str, value: str) -> None:
    given: dict[str, Any] = {name: value}
    try:
        Settings(**given)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False):
            # A fault of several settings names them.
            if fault["loc"][:1] == (name,) or (not fault["loc"] and name in fault["msg"]):
                raise AnswerError(fault["msg"]) from None


def _check_plain(value: str) -> None:
    # `.env` is read by Python and by Compose, each in a way of its own.
    if re.search(r"['\\$\s]", value):
        raise AnswerError("a quote, a backslash, a $, or a space has to be written into .env by hand")


def _mail(url: str) -> dict[str, str]:
    if url == "none":
        return {}
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
        has_half = (parts.username is None) != (parts.password is None)
        if has_half or not parts.hostname or parts.path not in ("", "/") or parts.query or parts.fragment:
            raise ValueError
    except (ValueError, KeyError):
        raise AnswerError("write smtp://user:password@host:587, smtps://user:password@host, or none") from None
    settings = {
        "smtp_host": parts.hostname,
        "smtp_port": str(port),
        "smtp_security": "tls" if parts.scheme == "smtps" else "starttls",
    }
    if parts.username is not None and parts.password is not None:
        settings |= {"smtp_user": unquote(parts.username), "smtp_password": unquote(parts.password)}
    return settings
