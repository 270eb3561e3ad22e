"""Registered clients of a running server: looked up once, and followed where another worker changes them.

As with keys, a word from worker to worker hastens that; whoever misses it looks every few seconds.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import structlog

from authserver.clients.registration.fit import fit_of
from authserver.clients.registration.metadata import client_of
from authserver.clients.registration.origins import RegisteredOrigins
from authserver.protocol.client.client import Client
from authserver.protocol.client.registered import Fit
from authserver.protocol.client.registry import REGISTERED, Registry
from authserver.protocol.errors import ProtocolError
from authserver.settings import Settings
from authserver.store.database import Database
from authserver.store.registration import clients as store
from authserver.store.registration.clients import DAY, Registered

# So many are remembered, those that are not there too; then all are forgotten.
MOST = 10_000
LONGEST = 64
_log = structlog.get_logger("authserver")


@dataclass(slots=True)
class _LookedUp:
    """A client by the registry of clients.yaml that it was made with; None where there is none of this id."""

    row: Registered | None
    registry: str = ""
    client: Client | None = None


class RegisteredClients:
    """Safe for threads. One more look costs a read of a dictionary, until clients.yaml or the client changes."""

    def __init__(self, database: Database, settings: Settings, tell: Callable[[], None]) -> None:
        self._database = database
        self._tell = tell
        self._may_be_http = settings.is_loopback
        self._known: dict[str, _LookedUp] = {}
        self._used: dict[str, float] = {}
        self._origins = RegisteredOrigins(database)
        self._lock = threading.Lock()

    def client(self, registry: Registry, client_id: str) -> Client | None:
        """The registered client with this id, as it may do by the clients.yaml of this moment; None if disabled."""
        client = self._even_disabled(registry, client_id)
        return None if client is None or client.is_disabled else client

    def shown(self, registry: Registry, client_id: str | None) -> Client | None:
        """The client with this id, of the registry or registered, to tell of it: also one that is disabled."""
        if client_id is None or not client_id.startswith(REGISTERED):
            return registry.client(client_id)
        return self._even_disabled(registry, client_id)

    def fit(self, registry: Registry, client_id: str, metadata: Mapping[str, Any], secret_digest: bytes | None) -> Fit:
        """How a registration fits a clients.yaml, the one in force or another."""
        return fit_of(registry, client_id, metadata, secret_digest, http=self._may_be_http)

    def has_origin(self, origin: str) -> bool:
        """Whether a single-page application among them has this browser origin."""
        return self._origins.has(origin)

    def changed(self, client_id: str) -> None:
        """Look it up anew, and say so to the other workers."""
        self._known.pop(client_id, None)
        self._origins.forget()
        self._tell()

    def refresh(self) -> None:
        """Forget what others have changed. One short read for each client that is known."""
        self._origins.forget()
        for client_id, known in list(self._known.items()):
            with self._database.read() as connection:
                version = store.version(connection, client_id)
            if version != (known.row.version if known.row else None):
                self._known.pop(client_id, None)

    def note_use(self, client: Client, now: int) -> None:
        """Keep a client that is in use from being removed: noted once a day, in a transaction of its own."""
        if not client.self_registered or time.monotonic() < self._used.get(client.client_id, float("-inf")) + DAY:
            return
        with self._database.write(is_brief=True) as connection:
            store.note_use(connection, client.client_id, now)
        with self._lock:
            if len(self._used) >= MOST:
                self._used.clear()
            self._used[client.client_id] = time.monotonic()

    def _even_disabled(self, registry: Registry, client_id: str) -> Client | None:
        # PostgreSQL refuses a text with NUL instead of finding nothing, and nobody’s id is long.
        if len(client_id) > LONGEST or not (client_id.isascii() and client_id.isprintable()):
            return None
        known = self._known.get(client_id)
        if known is None:
            known = self._look_up(client_id)
        if known.row is not None and known.registry != registry.version:
            known.client = self._made(registry, known.row)
            known.registry = registry.version
        return known.client

    def _look_up(self, client_id: str) -> _LookedUp:
        with self._database.read() as connection:
            known = _LookedUp(store.find(connection, client_id))
        with self._lock:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[client_id] = known
        return known

    def _made(self, registry: Registry, row: Registered) -> Client | None:
        try:
            made = client_of(registry, row.client_id, row.metadata, row.secret_digest, http=self._may_be_http)
        except ProtocolError as error:
            # A later release has stricter rules, or clients.yaml lost what this one was registered for.
            reason = error.detail or error.description
            _log.warning("clients:registered_refused", client_id=row.client_id, reason=reason)
            return None
        return replace(made, is_disabled=row.disabled_at is not None)
