"""The public keys of clients: those of clients.yaml, or what their `jwks_uri` says, fetched when needed and kept.

OpenID Connect Core §10.1.1 (keys rotate); RFC 7591 §2. https://openid.net/specs/openid-connect-core-1_0.html#RotateSigKeys
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from authserver.outbound.addresses import is_loopback
from authserver.outbound.cached import CachedDocument
from authserver.outbound.fault import CallError
from authserver.protocol.client.client import Client

KEYS_AGE, MOST_CLIENTS = 600, 10_000
# Requests that wait for the keys of one client, and of all: each holds a thread, which others need.
MOST_WAITING, MOST_WAITING_FOR_ALL = 8, 64


class _Fetched:
    """The JWKS at one `jwks_uri`, and who waits for it."""

    def __init__(self, uri: str, timeout: float, anywhere: bool) -> None:
        self.place = (uri, anywhere)
        self.document = CachedDocument(lambda: _fetch(uri, timeout, anywhere), KEYS_AGE)
        self.turns = threading.BoundedSemaphore(MOST_WAITING)


class ClientKeys:
    """The keys of all clients, for all threads of this process; `timeout` in seconds bounds each call as a whole.

    `aside` takes a request that waits out of the way of others.
    """

    def __init__(self, timeout: float, aside: Callable[[], AbstractContextManager[None]]) -> None:
        self._timeout = timeout
        self._aside = aside
        self._known: OrderedDict[str, _Fetched] = OrderedDict()
        self._lock = threading.Lock()
        self._turns = threading.BoundedSemaphore(MOST_WAITING_FOR_ALL)

    def key_sets(self, client: Client) -> Iterator[Mapping[str, Any]]:
        """The client's JWKS; and, for who does not find a key in it, the one at its `jwks_uri` anew. Raises CallError.

        What waits for it must hold no transaction.
        """
        if client.jwks_uri is None:
            yield from (client.jwks,) if client.jwks is not None else ()
            return
        found = self._of(client, client.jwks_uri)
        with nullcontext() if found.document.is_fresh else self._called(found):
            seen = found.document.get()
        yield seen
        with self._called(found):
            anew = found.document.anew(seen)
        if anew is not seen:
            yield anew

    def _of(self, client: Client, uri: str) -> _Fetched:
        # An administrator names the network; localhost is for development.
        anywhere = client.on_private_network or is_loopback(uri)
        with self._lock:
            known = self._known.get(client.client_id)
            if known is None or known.place != (uri, anywhere):
                known = self._known[client.client_id] = _Fetched(uri, self._timeout, anywhere)
            self._known.move_to_end(client.client_id)
            if len(self._known) > MOST_CLIENTS:
                self._known.popitem(last=False)
        return known

    @contextmanager
    def _called(self, found: _Fetched) -> Iterator[None]:
        taken: list[threading.BoundedSemaphore] = []
        try:
            for turns in (found.turns, self._turns):
                if not turns.acquire(blocking=False):
                    raise CallError("too many requests are waiting for it", is_away=True)
                taken.append(turns)
            with self._aside():
                yield
        finally:
            for turns in taken:
                turns.release()


def _fetch(uri: str, timeout: float, anywhere: bool) -> Mapping[str, Any]:
    # An HTTP client is a tenth of the start and of the memory, for those whose clients have no jwks_uri.
    from requests import Session

    from authserver.outbound.client import bind, get_json
    from authserver.outbound.transport import Transport

    with Session() as session:
        bind(session, Transport(timeout, anywhere=anywhere, http_on_loopback=is_loopback(uri)))
        found = get_json(session, uri)
    if not isinstance(found, dict) or not isinstance(found.get("keys"), list):
        raise CallError("what is there is no JWKS")
    return found
