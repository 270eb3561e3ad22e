"""What removes expired rows from a running server: one node at a time, until none is left."""

import random
import secrets
import threading
import time

import structlog

from authserver.server import Server
from authserver.store.database import UNAVAILABLE
from authserver.store.upkeep import backlog, cleanup, lease

TASK = "cleanup"
# Seconds for which a node is in charge; it says so again long before. Another's takes over once it says nothing.
IN_CHARGE = 60
# After each batch, so many times as long as it took: a database that is busy takes longer, and then has more rest.
REST = 1.0
_log = structlog.get_logger("authserver")


class Cleaner:
    """One daemon thread of one worker. No fault ends it: what failed is logged and done in the next round."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._holder = secrets.token_hex(16)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="cleaner", daemon=True)
        self._say_at = self._renew_at = 0.0

    def start(self) -> None:
        """Begin to take rounds."""
        self._thread.start()

    def stop(self, timeout: float = 5) -> None:
        """End the thread after the batch that runs; wait at most `timeout` seconds for it."""
        self._stopped.set()
        self._thread.join(timeout)

    def turn(self) -> None:
        """Remove all that has expired, unless another node is at it. Never raises."""
        try:
            self._clean()
        except UNAVAILABLE as error:
            _log.warning("maintenance:storage_failed", task=TASK, reason=type(error).__name__)
        except Exception:
            _log.exception("maintenance:failed", task=TASK)

    def _clean(self) -> None:
        server, began = self._server, time.monotonic()
        self._say_at = began + server.settings.cleanup_interval
        if not self._take_charge():
            return
        removed = cleanup.delete_expired(
            server.database, server.now(), server.settings.events_retention, self._may_go_on
        )
        if removed:
            _log.info("maintenance:removed", seconds=round(time.monotonic() - began, 1), **removed)

    def _may_go_on(self, took: float) -> bool:
        if self._stopped.wait(took * REST):
            return False
        if time.monotonic() >= self._say_at:
            self._say_at = time.monotonic() + self._server.settings.cleanup_interval
            self._tell_backlog()
        return time.monotonic() < self._renew_at or self._take_charge()

    def _take_charge(self) -> bool:
        self._renew_at = time.monotonic() + IN_CHARGE / 3
        with self._server.database.write() as connection:
            return lease.take(connection, TASK, self._holder, self._server.now(), IN_CHARGE)

    def _tell_backlog(self) -> None:
        server = self._server
        with server.database.read() as connection:
            left = backlog.count(connection, server.now(), server.settings.events_retention)
        _log.warning("maintenance:behind", advice="more expires than is removed, or much did at once", **left)

    def _run(self) -> None:
        # Nodes that start together spread out: one that cleans leaves nothing to do for the others.
        interval = self._server.settings.cleanup_interval
        while not self._stopped.wait(interval + random.uniform(0, interval / 2)):  # noqa: S311 - not a secret
            self.turn()
