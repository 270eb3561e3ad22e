"""A client's authorization request, whichever way it goes on: answered at once, or by way of pages that ask."""

from dataclasses import dataclass

from authserver.pages.browser import browser_digest
from authserver.pages.current import current_server
from authserver.protocol.client.client import Client
from authserver.protocol.interaction import NOTHING_DONE, Progress
from authserver.protocol.request.device_request import WaitingRequest
from authserver.store import requests


@dataclass(frozen=True, slots=True)
class ClientRequest:
    """What a client asks. Once that waits for a person, it has a handle, and what was done under it.

    `authorization_id` is the authorization that answered it, if any. One that the client pushed has a handle from the
    beginning, and is claimed by the first browser that must be asked something.
    """

    client: Client
    request: WaitingRequest
    handle: str = ""
    progress: Progress = NOTHING_DONE
    authorization_id: str | None = None
    is_claimed: bool = True

    @property
    def is_open(self) -> bool:
        """Whether nothing has answered it yet."""
        return self.authorization_id is None and not self.progress.denied


def find(handle: str) -> ClientRequest | None:
    """What waits under a handle of this browser, of a client that is still registered."""
    server = current_server()
    with server.database.read() as connection:
        pending = requests.find(connection, handle, browser_digest(), server.now())
    client = server.client(pending.request.client_id) if pending else None
    if pending is None or client is None:
        return None
    return ClientRequest(client, pending.request, handle, pending.progress, pending.authorization_id)
