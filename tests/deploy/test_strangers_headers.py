"""What a stranger sends in the name of a proxy does not get past those of `deploy/`, which the server trusts."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cluster.proxy import Proxy
from tests.deploy.proxies import caddy
from tests.patience import PATIENCE

# Of each header that only a proxy may send, what a stranger says.
SENT = {
    "X-Forwarded-For": "198.51.100.66",
    "X_Forwarded_For": "198.51.100.66",
    "X-Request-Id": "chosen-by-stranger",
    "X_Request_Id": "chosen-by-stranger",
    "X-Client-Cert": "made-up-certificate",
    "Traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
}


@pytest.fixture
def seen() -> Iterator[tuple[int, list[str]]]:
    """The port of a server, and every header that reaches it."""
    lines: list[str] = []

    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            lines.extend(f"{name}: {value}" for name, value in self.headers.items())
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_arguments: Any) -> None:
            """Nobody reads it."""

    with HTTPServer(("127.0.0.1", 0), Server) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port, lines
        server.shutdown()
    thread.join(PATIENCE)


def of_the_stranger(url: str, lines: list[str]) -> list[str]:
    """Those that came through."""
    assert httpx.get(f"{url}/token", headers=SENT, timeout=PATIENCE).status_code == 204
    assert lines
    return [line for line in lines if any(value in line for value in SENT.values())]


def test_by_nginx(tmp_path: Path, seen: tuple[int, list[str]]) -> None:
    proxy = Proxy(tmp_path / "nginx", [seen[0]])
    try:
        assert of_the_stranger(proxy.url, seen[1]) == []
    finally:
        proxy.stop()


def test_by_caddy(tmp_path: Path, seen: tuple[int, list[str]]) -> None:
    with caddy(tmp_path, seen[0]) as url:
        assert of_the_stranger(url, seen[1]) == []
