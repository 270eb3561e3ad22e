"""The providers on a port of the loopback, in a thread, and a person who signs in there."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qsl, urlsplit

import requests
from flask import Flask
from werkzeug.serving import make_server

from tests.patience import PATIENCE
from tests.provider import github
from tests.provider.app import create_app
from tests.provider.github import GitHub
from tests.provider.state import State


@contextmanager
def running(client_id: str, client_secret: str, clock: Callable[[], float]) -> Iterator[State]:
    """The OpenID provider for one test."""
    state = State(client_id, client_secret, clock)
    with _serving(create_app(state)) as state.issuer:
        yield state
        state.may_answer.set()


@contextmanager
def running_github() -> Iterator[GitHub]:
    """A GitHub for one test."""
    state = GitHub()
    with _serving(github.create_app(state)) as state.issuer:
        yield state


@contextmanager
def _serving(app: Flask) -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
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
        timeout=PATIENCE,
    )
    assert response.status_code == 303, response.text
    return response.headers["Location"]
