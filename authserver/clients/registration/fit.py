"""How the registration of a client fits a clients.yaml that has changed since.

RFC 7591 §2, §3.2.1: what a client registered for is what this server could give it then.
https://www.rfc-editor.org/rfc/rfc7591#section-2
"""

from collections.abc import Mapping
from typing import Any

from authserver.clients.registration.metadata import client_of, known_scopes
from authserver.protocol.client.registered import Fit
from authserver.protocol.client.registry import Registry
from authserver.protocol.errors import ProtocolError


def fit_of(
    registry: Registry,
    client_id: str,
    metadata: Mapping[str, Any],
    secret_digest: bytes | None,
    *,
    http: bool = False,
) -> Fit:
    """What of a registration this clients.yaml does not take; `http` as for `client_of`."""
    lost = tuple(sorted(set(str(metadata["scope"]).split()) - known_scopes(registry)))
    try:
        client_of(registry, client_id, metadata, secret_digest, http=http)
    except ProtocolError as error:
        return Fit(error.description, lost)
    return Fit(None, lost)
