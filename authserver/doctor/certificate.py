"""How long the certificate of the issuer is still good; that it is good at all, every other call has shown."""

import socket
import ssl
from urllib.parse import urlsplit

from authserver.doctor.diagnosis import Diagnoses, fault, ok, warning

DAY = 86400
SOON = 14 * DAY
TIMEOUT = 10


def certificate(issuer: str, now: int) -> Diagnoses:
    """When it ends; nothing where the issuer has none. `now` in seconds since the epoch."""
    parts = urlsplit(issuer)
    if parts.scheme != "https" or parts.hostname is None:
        return
    try:
        ends = _ends(parts.hostname, parts.port or 443)
    except (OSError, ValueError) as error:
        yield fault(
            "tls",
            str(getattr(error, "verify_message", "") or error)[:300],
            "renew the certificate, or serve the whole chain",
        )
        return
    days = (ends - now) // DAY
    if ends - now < SOON:
        yield warning("tls", f"the certificate ends in {days} days", "see why it is not renewed by itself")
    else:
        yield ok("tls", f"the certificate is good for {days} days")


def _ends(host: str, port: int) -> int:
    context = ssl.create_default_context()
    with (
        socket.create_connection((host, port), timeout=TIMEOUT) as plain,
        context.wrap_socket(plain, server_hostname=host) as secured,
    ):
        found = secured.getpeercert() or {}
        return int(ssl.cert_time_to_seconds(str(found["notAfter"])))
