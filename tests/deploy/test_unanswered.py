"""A replica that breaks with a request in its hands: whoever asked gets 503, which clients try again."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread

import httpx
import pytest

from tests.cluster.proxy import Proxy
from tests.deploy.proxies import caddy
from tests.patience import PATIENCE


@pytest.fixture
def broken() -> Iterator[int]:
    """The port of a server that takes requests and then is gone."""

    def serve(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connection.recv(65536)
                connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=serve, args=(listener,))
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(PATIENCE)


def ask(url: str) -> tuple[int, str | None]:
    answer = httpx.post(f"{url}/token", data={"grant_type": "refresh_token"}, timeout=PATIENCE)
    return answer.status_code, answer.headers.get("Retry-After")


def test_by_nginx(tmp_path: Path, broken: int) -> None:
    proxy = Proxy(tmp_path / "nginx", [broken])
    try:
        assert ask(proxy.url) == (503, "1")
    finally:
        proxy.stop()


def test_by_caddy(tmp_path: Path, broken: int) -> None:
    with caddy(tmp_path, broken) as url:
        assert ask(url) == (503, "1")
