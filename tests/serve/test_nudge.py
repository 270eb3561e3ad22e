"""While a body is slow to come, the server asks itself, so that no request lies between two threads."""

import socket
import threading
from io import BytesIO

import pytest

from authserver.serve import slow
from authserver.serve.nudge import Nudge
from authserver.serve.slow import Readers
from tests.patience import PATIENCE


class Slow(BytesIO):
    """A body that comes when it may."""

    def __init__(self) -> None:
        super().__init__(b"a=b")
        self.may_come = threading.Event()

    def read(self, size: int | None = -1) -> bytes:
        assert self.may_come.wait(PATIENCE)
        return super().read(size)


def test_a_nudge_is_a_whole_request_for_each_worker_and_none_stays_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE)
        nudge = Nudge("127.0.0.1", server.getsockname()[1], workers=2)
        nudge()
        accepted = [server.accept()[0] for _ in range(2)]
        for connection in accepted:
            assert connection.recv(1024).startswith(b"GET /healthz HTTP/1.1\r\n")
        nudge()
        for connection in accepted:
            assert connection.recv(1024) == b""
            connection.close()
        nudge.close()


def test_a_server_that_takes_no_connections_is_not_nudged() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    Nudge("127.0.0.1", port, workers=1)()


def test_the_server_is_nudged_as_long_as_a_sender_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow, "INTERVAL", 0.01)
    nudged = threading.Semaphore(0)
    readers = Readers(0, 300, nudged.release)
    readers.watch()
    body = Slow()
    reading = threading.Thread(target=readers.read, args=(body, 3))
    reading.start()
    for _ in range(3):
        assert nudged.acquire(timeout=PATIENCE)
    body.may_come.set()
    reading.join(PATIENCE)
