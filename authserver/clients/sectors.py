"""The documents of sectors: what a `sector_identifier_uri` leads to must list the client's redirect URIs.

OpenID Connect Registration §5. https://openid.net/specs/openid-connect-registration-1_0.html#SectorIdentifierValidation
"""

from collections.abc import Sequence
from threading import BoundedSemaphore

from requests import Session

from authserver.outbound.client import bind, get_json
from authserver.outbound.fault import CallError
from authserver.outbound.transport import Transport
from authserver.protocol.client.sector import unlisted

TIMEOUT = 5.0
MOST_BYTES = 64 * 1024
# Registrations of a process that wait for such a document, at whatever address a stranger named: each holds a thread.
MOST_WAITING = 8
WAITING = BoundedSemaphore(MOST_WAITING)


def fault_of_sector(uri: str, redirect_uris: Sequence[str], *, anywhere: bool = False) -> str | None:
    """Fetch the document and say what is wrong with it, in words; at a public address, or `anywhere`."""
    with Session() as session:
        bind(session, Transport(TIMEOUT, anywhere=anywhere, most_bytes=MOST_BYTES))
        try:
            return unlisted(redirect_uris, get_json(session, uri))
        except CallError as error:
            return f"it cannot be fetched: {error.detail}"
