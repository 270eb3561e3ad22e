"""Senders that take too long: a body that has not arrived in time ends its connection.

granian limits the time for the head of a request, not for its body, and offers no way to end a connection. The kernel
does: it knows when each connection last sent and received, and lets its owner shut it down. Linux only; elsewhere
nothing is cut off. docs/decisions/granian.md says what was tried instead.
"""

import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import structlog

# linux/tcp.h, struct tcp_info, which only ever grows at its end: tcpi_state, tcpi_last_data_sent and _recv
# (milliseconds ago), tcpi_bytes_acked.
TCP_INFO, TCP_ESTABLISHED = 11, 1
_FIELDS = struct.Struct("@B43xI4xI64xQ")
# Seconds between two looks at who is slow.
INTERVAL = 1.0
_log = structlog.get_logger("authserver")


class Readers:
    """The threads that wait for a body now. `timeout` is seconds for a whole body, `port` ours."""

    def __init__(self, port: int, timeout: float) -> None:
        self._port = port
        self._timeout = timeout
        self._since: dict[int, float] = {}

    def read(self, stream: Any, size: int) -> bytes:
        """Read `size` bytes, or fewer where the connection ended meanwhile."""
        thread = threading.get_ident()
        self._since[thread] = time.monotonic()
        try:
            body: bytes = stream.read(size)
        except OSError:
            return b""
        finally:
            del self._since[thread]
        return body

    def watch(self) -> None:
        """Cut off slow senders from a daemon thread."""
        if sys.platform == "linux":
            threading.Thread(target=self._watch, name="slow senders", daemon=True).start()

    def cut_off(self) -> int:
        """End every connection that sends a body for longer than the timeout; returns how many."""
        if self._longest() < self._timeout:
            return 0
        cut = 0
        for connection in _connections(self._port):
            # It may end by itself meanwhile.
            with suppress(OSError):
                if _is_overdue(connection, self._timeout):
                    connection.shutdown(socket.SHUT_RDWR)
                    cut += 1
        return cut

    def _longest(self) -> float:
        now = time.monotonic()
        return max([now - since for since in list(self._since.values())], default=0.0)

    def _watch(self) -> None:
        while True:
            time.sleep(INTERVAL)
            try:
                cut = self.cut_off()
            except Exception:
                _log.exception("http:slow_senders_unknown")
            else:
                if cut:
                    _log.warning("http:slow_senders_cut_off", connections=cut)


def _connections(port: int) -> Iterator[socket.socket]:
    for entry in list(Path("/proc/self/fd").iterdir()):
        # What is no socket, or was closed meanwhile, is passed over.
        with suppress(OSError), _borrowed(int(entry.name)) as connection:
            if connection.family in {socket.AF_INET, socket.AF_INET6} and connection.getsockname()[1] == port:
                yield connection


@contextmanager
def _borrowed(descriptor: int) -> Iterator[socket.socket]:
    # Never a copy of the descriptor: to close one of any file drops the locks of the whole process on that file, and
    # SQLite's, which are such locks (fcntl(2)), are what keeps a database whole.
    connection = socket.socket(fileno=descriptor)
    try:
        yield connection
    finally:
        connection.detach()


def _is_overdue(connection: socket.socket, timeout: float) -> bool:
    info = connection.getsockopt(socket.IPPROTO_TCP, TCP_INFO, _FIELDS.size)
    if len(info) < _FIELDS.size:
        return False
    state, sent_ago, received_ago, acknowledged = _FIELDS.unpack(info)
    # An idle connection sent its answer after what it received; of one never answered only the SYN is acknowledged.
    is_waiting = acknowledged <= 1 or received_ago < sent_ago
    return bool(state == TCP_ESTABLISHED and is_waiting and sent_ago > timeout * 1000)
