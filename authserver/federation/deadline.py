"""A time limit for a whole call: the limit of a socket begins anew with each byte, so that who drips is never done.

When the time is over the connection is shut from outside, whatever it waits for: TLS, the head of the answer, its body.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection


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


class WatchedAdapter(HTTPAdapter):
    """The transport of requests, every connection of which is watched."""

    def __init__(self, watch: Watch) -> None:
        self._pools = _pools(watch)
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> PoolManager:
        manager: PoolManager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager


def _pools(watch: Watch) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            connection = super()._new_conn()
            watch.add(connection)
            return connection

    class Tls(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            connection = super()._new_conn()
            watch.add(connection)
            return connection

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = Tls

    return {"http": PlainPool, "https": TlsPool}
