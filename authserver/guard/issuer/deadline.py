"""A time limit for a whole call: the limit of a socket begins anew with each byte, so that who drips is never done."""

import socket
import threading
import time
from contextlib import suppress
from types import TracebackType


class Deadline:
    """A block that may take so many seconds: then the connections that it watches are shut, whatever they wait for."""

    def __init__(self, seconds: float) -> None:
        self._ends_at = time.monotonic() + seconds
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._shut)
        self._timer.daemon = True

    def __enter__(self) -> "Deadline":
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            while self._sockets:
                self._sockets.pop().close()

    def is_over(self) -> bool:
        """Whether the time is over: what came may have been cut off."""
        return time.monotonic() >= self._ends_at

    def watch(self, connection: socket.socket) -> None:
        """Shut this connection, too. By a descriptor of its own, since TLS takes over the one that is given."""
        with self._lock:
            self._sockets.append(connection.dup())
        if self.is_over():
            self._shut()

    def _shut(self) -> None:
        with self._lock:
            for each in self._sockets:
                # The peer may have ended it.
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
