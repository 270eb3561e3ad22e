"""The provider on a port of the loopback, in a thread, and a person who signs in there."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qsl, urlsplit

import requests
from werkzeug.serving import make_server

from tests.provider.app import create_app
from tests.provider.state import State


@contextmanager
def running(client_id: str, client_secret: str, clock: Callable[[], float]) -> Iterator[State]:
    """A provider for one test."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    state = State(client_id, client_secret, clock)
    server = make_server("127.0.0.1", 0, create_app(state), threaded=True)
    state.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


def go_through(url: str, subject: str) -> str:
    """What a person does there: follow the link, choose an account (or none); returns where they are sent back to."""
    parts = urlsplit(url)
    response = requests.post(
        f"{parts.scheme}://{parts.netloc}{parts.path}",
        data=[*parse_qsl(parts.query), ("person", subject)],
        allow_redirects=False,
        timeout=10,
    )
    assert response.status_code == 303, response.text
    return response.headers["Location"]
