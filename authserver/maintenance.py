"""What a running server does every few seconds: rotate keys, follow the other processes' keys."""

import threading
from collections.abc import Callable, Mapping

import structlog

from authserver.server import Server
from authserver.store.database import UNAVAILABLE

# How soon a key that another process made or revoked is known here, in seconds.
KEYS_INTERVAL = 5
Task = Callable[[], None]
_log = structlog.get_logger("authserver")


class Maintenance:
    """One daemon thread of one worker. No fault ends it: what failed is logged and done at the next turn.

    `tasks`, by name, are done at every turn, after the keys.
    """

    def __init__(
        self, server: Server, tasks: Mapping[str, Task] | None = None, interval: float = KEYS_INTERVAL
    ) -> None:
        self._server = server
        self._tasks = tasks or {}
        self._interval = interval
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="maintenance", daemon=True)

    def start(self) -> None:
        """Begin to take turns."""
        self._thread.start()

    def stop(self, timeout: float = 5) -> None:
        """End the thread after the turn that runs; wait at most `timeout` seconds for it."""
        self._stopped.set()
        self._thread.join(timeout)

    def turn(self) -> None:
        """Do what is due now. Never raises."""
        now = self._server.now()
        self._do("keys", lambda: self._server.keys.maintain(now, self._server.registry.signing_algs))
        for name, task in self._tasks.items():
            self._do(name, task)

    def _do(self, task: str, action: Task) -> None:
        try:
            action()
        except UNAVAILABLE as error:
            _log.warning("maintenance:storage_failed", task=task, reason=type(error).__name__)
        except Exception:
            _log.exception("maintenance:failed", task=task)

    def _run(self) -> None:
        while not self._stopped.wait(self._interval):
            self.turn()
