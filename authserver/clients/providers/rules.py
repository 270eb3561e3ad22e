"""What the fields of a provider allow one another."""

from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationInfo

from authserver.clients.file.names import rule
from authserver.protocol.person.email_address import a_labels
from authserver.protocol.provider import EVERY_DOMAIN, LOOPBACK_HOSTS


def issuer(value: str | None, info: ValidationInfo) -> str | None:
    """A preset brings its own; everybody else's is named."""
    preset = info.data.get("preset")
    if value is None:
        if preset is None:
            raise rule("is missing: the issuer of the provider, such as https://login.example.com, or a preset")
        return None
    if preset == "google":
        raise rule("the preset google already sets the issuer: remove one of them")
    return issuer_url(value, example="https://login.example.com")


def issuer_url(value: str, *, example: str) -> str:
    """OpenID Connect Discovery §3: https without query or fragment; http on this machine alone."""
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    is_plain = value.isascii() and value.isprintable() and " " not in value and len(value) <= 500
    if not is_plain or not host or "@" in parts.netloc or "?" in value or "#" in value:
        raise rule(f"must be a URL without user, query, or fragment, such as {example}")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK_HOSTS):
        raise rule("must begin with https://; http is for this machine only")
    return value


def scopes(value: list[str], info: ValidationInfo) -> list[str]:
    """OpenID Connect Core §3.1.2.1: without openid there is no ID token."""
    if info.data.get("preset") != "github" and "openid" not in value:
        raise rule("openid is missing: without it the provider sends no ID token")
    return value


def domain(value: str) -> str:
    """In A-labels, as addresses are compared with it, however it is written (RFC 5891 §4)."""
    if value == EVERY_DOMAIN:
        return value
    found = a_labels(value)
    if found is None:
        raise rule(
            "is not a domain under IDNA 2008: write it as example.com, with the letters of its own script or as xn--…"
        )
    return found


def google_only(value: Any, info: ValidationInfo) -> Any:
    """Fields that no other provider knows."""
    if info.data.get("preset") != "google":
        raise rule("is only for the preset google; for others use allowed_domains")
    return value
