"""What the five questions were answered with, as settings of the server."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import unquote, urlsplit

from authserver.protocol.person.email_address import email_fault

DEFAULT_DATABASE = "sqlite:////var/lib/authserver/authserver.db"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
_PORTS = {"smtp": 587, "smtps": 465}


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
    def is_local(self) -> bool:
        """Whether it is tried on this machine, without TLS."""
        return self.issuer.startswith("http:") and self.host in LOOPBACK

    @property
    def has_own_database(self) -> bool:
        """Whether Compose brings the database along."""
        return self.run == "compose" and self.database == "default"


def checked(given: Answers) -> Answers:
    """With their settings. Raises AnswerError; what the server refuses besides is left to it."""
    if fault := email_fault(given.admin):
        raise AnswerError(f"--admin: {fault}")
    if given.run == "compose" and not given.is_local and given.issuer != f"https://{given.host}":
        raise AnswerError("--issuer: for compose it is https:// and the name of a host, without a port or a path")
    settings = {"issuer": given.issuer, **_mail(given.mail)}
    if not given.has_own_database:
        settings["database_url"] = DEFAULT_DATABASE if given.database == "default" else given.database
    for name, value in settings.items():
        # `.env` is read by Python and by Compose, each in a way of its own.
        if re.search(r"['\\$\s]", value):
            raise AnswerError(f"{name}: a quote, a backslash, a $, or a space has to be written into .env by hand")
    return replace(given, settings=settings)


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
        raise AnswerError("--mail: write smtp://user:password@host:587, smtps://user:password@host, or none") from None
    settings = {
        "smtp_host": parts.hostname,
        "smtp_port": str(port),
        "smtp_security": "tls" if parts.scheme == "smtps" else "starttls",
    }
    if parts.username is not None and parts.password is not None:
        settings |= {"smtp_user": unquote(parts.username), "smtp_password": unquote(parts.password)}
    return settings
