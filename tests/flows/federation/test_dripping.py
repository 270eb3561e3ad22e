"""A provider that sends an answer without end, a byte now and then, is given up as soon as one that is silent."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from tests.flows.federation.conftest import MakeJourney
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
    "chunk": (HEAD + b"Transfer-Encoding: chunked\r\n\r\nfff0\r\n", b"["),
    "chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n[\r\n"),
}


@contextmanager
def dripping(at_once: bytes, again: bytes, waited_for_all: threading.Event) -> Iterator[str]:
    """The issuer of a provider that answers everything so. The event is set where somebody waits to its end."""
    stop = threading.Event()

    def drip(listener: socket.socket) -> None:
        # It ends with the listener, or with whoever hangs up.
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
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        stop.set()
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.mark.parametrize("part", DRIPPING)
def test_who_drips_is_given_up_as_soon_as_who_is_silent(make_journey: MakeJourney, part: str) -> None:
    journey = make_journey(upstream_timeout=0.3)
    text = journey.site.clients_file.read_text()
    waited_for_all = threading.Event()
    with dripping(*DRIPPING[part], waited_for_all) as issuer:
        assert journey.site.declare(text.replace(journey.upstream.issuer, issuer))
        attempt, landing = journey.ask()
        back = journey.browser.submit(landing, form=journey.button(landing))
    assert not waited_for_all.is_set()
    assert "Example can’t be reached right now." in journey.problem(back)
    journey.portal.finish(attempt, journey.enter_password(back))
