"""What the log says of a refusal at an endpoint for machines: error, reason, and which client it was.

OWASP ASVS 5 §16.2.5: nothing secret.
"""

from authserver.protocol.client.authentication import claimed_client_id
from authserver.server import Reply, Request, Server

# Client secrets have at least 32 characters: a longer name that nobody registered may be one in the wrong place.
LONGEST_UNKNOWN = 31
SHOWN_OF_LONGER = 8


def refusal(server: Server, reply: Reply, request: Request | None, authorization: str | None) -> dict[str, object]:
    """The fields of a log line about a refusal; `claimed` marks a client that nothing has vouched for."""
    said: dict[str, object] = {"error": reply.error, "reason": reply.reason}
    if request is not None and request.client_id is not None:
        return said | {"client_id": request.client_id}
    claimed = claimed_client_id(authorization, request.form if request is not None else None)
    if claimed is None:
        return said | {"client_id": None}
    return said | {"client_id": as_logged(server, claimed), "claimed": True}


def as_logged(server: Server, client_id: str) -> str:
    """A `client_id` as it was sent, cut short where it may be something else."""
    if server.registry.authenticating(client_id) is not None or len(client_id) <= LONGEST_UNKNOWN:
        return client_id
    return client_id[:SHOWN_OF_LONGER] + "…"
