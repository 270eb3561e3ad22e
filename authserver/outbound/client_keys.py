"""The public keys of clients and of who signs for workloads: of clients.yaml, or fetched when needed and kept.

OpenID Connect Core §10.1.1 (keys rotate), Discovery §4 (where an issuer has them); RFC 7591 §2.
https://openid.net/specs/openid-connect-core-1_0.html#RotateSigKeys
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, NamedTuple

from authserver.outbound.addresses import is_loopback
from authserver.outbound.cached import CachedDocument
from authserver.outbound.fault import CallError
from authserver.protocol.client.client import Client
from authserver.protocol.upstream.workload import WorkloadIssuer

METADATA = "/.well-known/openid-configuration"
KEYS_AGE, MOST_CLIENTS = 600, 10_000
# Requests that wait for the keys of one client, and of all: each holds a thread, which others need.
MOST_WAITING, MOST_WAITING_FOR_ALL = 8, 64


class _Place(NamedTuple):
    """Where a JWKS is: at the `uri`, or where the metadata of an `issuer` there say; `anywhere` or in public alone."""

    uri: str
    anywhere: bool
    issuer: str | None = None


class _Fetched:
    """The JWKS at one place, and who waits for it."""

    def __init__(self, place: _Place, timeout: float) -> None:
        self.place = place
        self.document = CachedDocument(lambda: _fetch(place, timeout), KEYS_AGE)
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
        # An administrator names the network; localhost is for development.
        anywhere = client.on_private_network or is_loopback(client.jwks_uri)
        yield from self._sets(client.client_id, _Place(client.jwks_uri, anywhere))

    def key_sets_of_issuer(self, issuer: WorkloadIssuer) -> Iterator[Mapping[str, Any]]:
        """The JWKS of who signs tokens of workloads, as those of a client. Raises CallError."""
        if issuer.jwks is not None:
            yield issuer.jwks
            return
        uri = issuer.jwks_uri or issuer.issuer.rstrip("/") + METADATA
        by_metadata = issuer.issuer if issuer.jwks_uri is None else None
        # No client_id has a space.
        place = _Place(uri, issuer.on_private_network or is_loopback(uri), by_metadata)
        yield from self._sets(f"workload issuer {issuer.name}", place)

    def _sets(self, owner: str, place: _Place) -> Iterator[Mapping[str, Any]]:
        found = self._of(owner, place)
        with nullcontext() if found.document.is_fresh else self._called(found):
            seen = found.document.get()
        yield seen
        with self._called(found):
            anew = found.document.anew(seen)
        if anew is not seen:
            yield anew

    def _of(self, owner: str, place: _Place) -> _Fetched:
        with self._lock:
            known = self._known.get(owner)
            if known is None or known.place != place:
                known = self._known[owner] = _Fetched(place, self._timeout)
            self._known.move_to_end(owner)
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


def _fetch(place: _Place, timeout: float) -> Mapping[str, Any]:
    # An HTTP client is a tenth of the start and of the memory, for those whose clients have no jwks_uri.
    from requests import Session

    from authserver.outbound.client import bind, get_json
    from authserver.outbound.transport import Transport

    uri = place.uri
    with Session() as session:
        bind(session, Transport(timeout, anywhere=place.anywhere, http_on_loopback=is_loopback(uri)))
        if place.issuer is not None:
            uri = _jwks_uri(get_json(session, uri), place.issuer)
        found = get_json(session, uri)
    if not isinstance(found, dict) or not isinstance(found.get("keys"), list):
        raise CallError("what is there is no JWKS")
    return found


def _jwks_uri(metadata: object, issuer: str) -> str:
    # Discovery §4.3: the document of another issuer says nothing of this one.
    if not isinstance(metadata, dict) or metadata.get("issuer") != issuer:
        raise CallError("its metadata are another issuer's")
    uri = metadata.get("jwks_uri")
    if not isinstance(uri, str):
        raise CallError("its metadata name no jwks_uri")
    return uri
