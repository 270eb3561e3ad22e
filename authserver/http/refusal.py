"""What the log says of a refusal at an endpoint for machines: error, reason, and which client it was.

OWASP ASVS 5 §16.2.5: nothing secret.
"""

from typing import Any

from authserver.events import emit
from authserver.protocol.client.authentication import claimed_client_id
from authserver.server import Reply, Request, Server

# Client secrets have at least 32 characters: a longer name that nobody registered may be one in the wrong place.
LONGEST_UNKNOWN = 31
SHOWN_OF_LONGER = 8
LONGEST_DETAIL = 1000
# Part of a sign-in or a poll that goes well, no fault of the client, or told by an event of its own.
SAID_ELSEWHERE = frozenset(
    {
        *("authorization_pending", "slow_down", "use_dpop_nonce", "access_denied", "expired_token"),
        *("login_required", "consent_required", "interaction_required", "account_selection_required"),
        *("invalid_client", "invalid_token", "temporarily_unavailable", "server_error"),
    }
)


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


def note_refusal(server: Server, client_id: object, endpoint: str, error: str, reason: str, detail: str) -> None:
    """Keep, for whoever looks after a client, why a request of it was refused. Of a stranger's nothing is kept."""
    if error in SAID_ELSEWHERE or not isinstance(client_id, str) or server.client(client_id) is None:
        return
    said: dict[str, Any] = {"detail": detail[:LONGEST_DETAIL]} if detail else {}
    emit("client:request:refused", client_id=client_id, endpoint=endpoint, error=error, reason=reason, **said)
