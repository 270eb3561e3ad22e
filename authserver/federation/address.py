"""Which addresses of a provider are called, or a browser sent to: https, but for a provider on this machine."""

from urllib.parse import urlsplit

from authserver.protocol.provider import LOOPBACK_HOSTS


def is_loopback(issuer: str) -> bool:
    """Whether a provider runs on this machine, where http is good enough."""
    parts = urlsplit(issuer)
    return parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS


def is_acceptable(url: object, may_be_local: bool) -> bool:
    """Whether an address that a provider names may be called, or a browser be sent to it."""
    if not isinstance(url, str) or len(url) > 2000 or not (url.isascii() and url.isprintable()) or " " in url:
        return False
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or "@" in parts.netloc or "\\" in url or parts.fragment:
        return False
    return parts.scheme == "https" or (may_be_local and parts.scheme == "http" and host in LOOPBACK_HOSTS)
