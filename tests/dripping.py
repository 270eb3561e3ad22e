"""A server that sends an answer without end, a byte now and then, to whoever would wait for the last one."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

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
    # A record of a handshake, of 16 KiB, that is not done for a long time.
    "TLS": (b"\x16\x03\x03\x40\x00", b"\x02"),
}


@contextmanager
def dripping(part: str) -> Iterator[tuple[str, threading.Event]]:
    """The address of a server that answers everything so, and what is set once somebody has waited to the end."""
    at_once, again = DRIPPING[part]
    stop, waited_for_all = threading.Event(), threading.Event()

    def drip(listener: socket.socket) -> None:
        # It ends with the listener, a connection with whoever hangs up.
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with suppress(OSError), connection:
                    connection.recv(65536)
                    connection.sendall(at_once)
                    for _ in range(DROPS):
                        if stop.wait(PAUSE):
                            break
                        connection.sendall(again)
                    else:
                        waited_for_all.set()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,))
        thread.start()
        scheme = "https" if part == "TLS" else "http"
        yield f"{scheme}://127.0.0.1:{listener.getsockname()[1]}", waited_for_all
        stop.set()
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
