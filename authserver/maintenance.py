"""What a running server does every few seconds: follow the database's clock and the other nodes' keys, rotate keys."""

import threading
from collections.abc import Callable, Mapping

import structlog

from authserver.events import emit, recorder
from authserver.server import Server
from authserver.store.clock import DatabaseClock
from authserver.store.database import UNAVAILABLE

# How soon a key that another process made or revoked is known here, in seconds.
KEYS_INTERVAL = 5
# Seconds by which this machine's clock may differ from the database's before somebody is told.
SKEW = 2.0
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
        self._do("clock", self._follow_clock)
        now = self._server.now()
        self._do("keys", lambda: self._server.keys.maintain(now, self._server.registry.signing_algs))
        for name, task in self._tasks.items():
            self._do(name, task)

    def _follow_clock(self) -> None:
        clock, warnings = self._server.clock, self._server.warnings
        if not isinstance(clock, DatabaseClock):
            return
        clock.measure()
        if abs(clock.skew) < SKEW:
            warnings.pop("clock", None)
            return
        ahead = "ahead of" if clock.skew > 0 else "behind"
        is_new = "clock" not in warnings
        warnings["clock"] = (
            f"clock: this machine is {abs(clock.skew):.1f} s {ahead} the database, whose clock counts. One of the two "
            "is wrong: check that both are synchronized."
        )
        if is_new:
            emit("server:clock:skewed", seconds=round(clock.skew, 1))

    def _do(self, task: str, action: Task) -> None:
        try:
            action()
        except UNAVAILABLE as error:
            _log.warning("maintenance:storage_failed", task=task, reason=type(error).__name__)
        except Exception:
            _log.exception("maintenance:failed", task=task)

    def _run(self) -> None:
        recorder.set(self._server.recorder)
        self._do("clock", self._follow_clock)
        while not self._stopped.wait(self._interval):
            self.turn()
