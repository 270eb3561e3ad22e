"""A time limit for a whole call: the limit of a socket begins anew with each byte, so that who drips is never done.

When the time is over the connection is shut from outside, whatever it waits for: TLS, the head of the answer, its body.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Watch:
    """The connections of one conversation, whose calls are made one after another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._ends_at = float("inf")

    @contextmanager
    def limit(self, seconds: float) -> Iterator[None]:
        """Shut the connections if this block takes longer."""
        self._ends_at = time.monotonic() + seconds
        timer = threading.Timer(seconds, self._shut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def is_over(self) -> bool:
        """Whether the time of this call is over: what came may have been cut off."""
        return time.monotonic() >= self._ends_at

    def add(self, connection: socket.socket) -> None:
        """Watch a connection. By a descriptor of its own, since TLS takes over the one that is given."""
        with self._lock:
            self._sockets.append(connection.dup())
        if self.is_over():
            self._shut()

    def close(self) -> None:
        """Let go of the connections."""
        with self._lock:
            while self._sockets:
                self._sockets.pop().close()

    def _shut(self) -> None:
        with self._lock:
            for each in self._sockets:
                # The peer may have ended it.
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
