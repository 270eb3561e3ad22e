"""Browser origins of applications that registered themselves: those of their redirect URIs, as in clients.yaml (CORS).

https://fetch.spec.whatwg.org/#http-cors-protocol
"""

import time
from collections.abc import Callable
from threading import Lock

from authserver.protocol.origin import origin_fault, origin_of, spellings
from authserver.store.database import UNAVAILABLE, Database
from authserver.store.registration import clients as store
from authserver.store.registration.clients import Registered

MOST = 10_000
# Of origins that nobody knows, anybody can send as many as they like: so many a second are looked up, others are not.
MOST_LOOKED_UP = 20


class RegisteredOrigins:
    """Safe for threads; each process remembers for itself, until it is told to forget."""

    def __init__(self, database: Database, timer: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._timer = timer
        self._known: dict[str, bool] = {}
        self._second, self._looked_up = 0, 0
        self._lock = Lock()

    def has(self, origin: str) -> bool:
        """Whether a single-page application that registered itself has this origin."""
        known = self._known.get(origin)
        if known is not None:
            return known
        if len(origin) > 300 or origin_fault(origin) or not self._may_look_up(int(self._timer())):
            return False
        try:
            with self._database.read() as connection:
                found = any(
                    origin in _origins(row)
                    for written in spellings(origin)
                    for row in store.mentioning(connection, written)
                )
        except UNAVAILABLE:
            return False
        with self._lock:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[origin] = found
        return found

    def forget(self) -> None:
        """Look up all of them anew."""
        with self._lock:
            self._known.clear()

    def _may_look_up(self, second: int) -> bool:
        with self._lock:
            if second != self._second:
                self._second, self._looked_up = second, 0
            self._looked_up += 1
            return self._looked_up <= MOST_LOOKED_UP


def _origins(row: Registered) -> list[str | None]:
    kept = row.metadata
    is_spa = kept["token_endpoint_auth_method"] == "none" and kept["application_type"] != "native"  # noqa: S105
    return [origin_of(uri) for uri in kept["redirect_uris"]] if is_spa else []
