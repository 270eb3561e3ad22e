"""While senders are slow, a request must not lie in granian's queue until the next one comes.

granian begins a thread when more requests wait than threads do, and for an instant counts a thread that has just taken
a request as one that waits (BlockingRunnerPool, 2.8). A request that comes in that instant lies until any other comes,
which begins a thread for it, or until a thread is done: where all of them wait for slow senders, for as long as those.
"""

import socket
from contextlib import ExitStack, suppress

from authserver import health

TIMEOUT = 1.0


class Nudge:
    """Requests to ourselves that nobody waits for: as many as there are workers, of which the kernel chooses one."""

    def __init__(self, host: str, port: int, workers: int) -> None:
        self._address = host, port
        self._workers = workers
        self._open = ExitStack()
        self._request = f"GET {health.ALIVE} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()

    def __call__(self) -> None:
        """Send them, and close those of the last time, which have long been read."""
        self.close()
        for _ in range(self._workers):
            # A server that stops, or cannot take a connection now, needs no nudge.
            with suppress(OSError):
                connection = self._open.enter_context(socket.create_connection(self._address, TIMEOUT))
                connection.sendall(self._request)

    def close(self) -> None:
        """Close what is open."""
        self._open.close()
