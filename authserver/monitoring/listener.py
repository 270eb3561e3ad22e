"""The plain listener of the port for monitoring: one short request a connection, and few connections at a time.

The newest connection is always served: where there are too many, the oldest one is ended.
"""

import socket
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MOST_CONNECTIONS = 32


@dataclass(frozen=True, slots=True)
class Page:
    """What is answered."""

    status: int
    content_type: str
    body: bytes


Pages = Mapping[str, Callable[[], Page]]


class Listener(ThreadingHTTPServer):
    """Answers GET and HEAD for these paths, from a daemon thread for each connection."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: str, port: int, pages: Pages) -> None:
        self.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.pages = pages
        self._open: deque[Any] = deque()
        self._guard = threading.Lock()
        super().__init__((address, port), Handler)

    def start(self) -> None:
        """Answer from now on."""
        threading.Thread(target=self.serve_forever, name="monitoring", daemon=True).start()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            if len(self._open) >= MOST_CONNECTIONS:
                with suppress(OSError):
                    self._open.popleft().shutdown(socket.SHUT_RDWR)
            self._open.append(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard, suppress(ValueError):
            self._open.remove(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever went away before the answer did is no fault of ours."""


class Handler(BaseHTTPRequestHandler):
    """One request; a part of one that does not come within these seconds ends the connection."""

    timeout = 5
    server: Listener

    def do_GET(self) -> None:
        page = self.server.pages.get(self.path.partition("?")[0])
        answer = page() if page else Page(404, "text/plain", b"Here are " + ", ".join(self.server.pages).encode())
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def do_HEAD(self) -> None:
        self.do_GET()

    def version_string(self) -> str:
        return "authserver"

    def log_message(self, *_arguments: Any) -> None:
        """A line for each probe would tell nothing."""
