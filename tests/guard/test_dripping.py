"""An issuer that sends an answer without end, a byte now and then, is given up as soon as one that is silent."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from authserver.guard import fetch
from authserver.guard.fetch import FetchError, fetch_json
from tests.patience import PATIENCE

PAUSE = 0.05
DROPS = int(PATIENCE / PAUSE)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
# What comes at once, and what then comes again and again.
DRIPPING = {
    "status line": (b"HTTP/1.1 200 ", b"O"),
    "header": (b"HTTP/1.1 200 OK\r\nX-Long: ", b"a"),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"A: a\r\n"),
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body": (HEAD + b"Content-Length: 60000\r\n\r\n", b"["),
    "body without length": (HEAD + b"\r\n", b"["),
    "an object that is whole": (HEAD + b"\r\n{}", b" "),
    "chunk": (HEAD + b"Transfer-Encoding: chunked\r\n\r\nfff0\r\n", b"["),
    "chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n[\r\n"),
}
# A record of a handshake, of 16 KiB, that is not done for a long time.
TLS = (b"\x16\x03\x03\x40\x00", b"\x02")


@contextmanager
def dripping(at_once: bytes, again: bytes, waited_for_all: threading.Event) -> Iterator[int]:
    """The port of a server that answers everything so. The event is set where somebody waits to its end."""
    stop = threading.Event()

    def drip(listener: socket.socket) -> None:
        # It ends with the listener, or with whoever hangs up.
        with suppress(OSError):
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(at_once)
                for _ in range(DROPS):
                    if stop.wait(PAUSE):
                        return
                    connection.sendall(again)
                waited_for_all.set()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,))
        thread.start()
        yield listener.getsockname()[1]
        stop.set()
        thread.join()


@pytest.mark.parametrize("part", [*DRIPPING, "TLS"])
def test_who_drips_is_given_up_as_soon_as_who_is_silent(monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    monkeypatch.setattr(fetch, "TIMEOUT_SECONDS", 0.3)
    monkeypatch.delenv("https_proxy", raising=False)
    waited_for_all = threading.Event()
    with dripping(*DRIPPING.get(part, TLS), waited_for_all) as port:
        scheme = "https" if part == "TLS" else "http"
        with pytest.raises(FetchError, match="took longer"):
            fetch_json(f"{scheme}://127.0.0.1:{port}/jwks.json")
    assert not waited_for_all.is_set()
