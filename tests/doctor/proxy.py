"""A reverse proxy on loopback that can be told to do what badly configured ones do."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx

from tests.patience import PATIENCE


@dataclass
class Mischief:
    """What the proxy does wrong: headers that it drops, answers it gives itself (path → status), texts it replaces."""

    dropped: set[str] = field(default_factory=set)
    answers: dict[str, int] = field(default_factory=dict)
    replaced: dict[str, str] = field(default_factory=dict)


@dataclass
class Proxy:
    """Stands before a server at `target`, at `url`."""

    port: int
    target: str = ""
    mischief: Mischief = field(default_factory=Mischief)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def proxied() -> Iterator[Proxy]:
    """A proxy that runs; what it stands before is set later."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            mischief = proxy.mischief
            own = mischief.answers.get(self.path)
            if own is not None:
                self.send_response_only(own)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            sent = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
            found = httpx.get(f"{proxy.target}{self.path}", headers=sent, timeout=PATIENCE)
            body = _replaced(found.text, mischief).encode()
            self.send_response_only(found.status_code)
            for name, value in found.headers.multi_items():
                if name.lower() not in {"content-length", "transfer-encoding"} | mischief.dropped:
                    self.send_header(name, _replaced(value, mischief))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    proxy = Proxy(server.server_address[1])
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield proxy
    server.shutdown()
    server.server_close()
    thread.join()


def _replaced(text: str, mischief: Mischief) -> str:
    for old, new in mischief.replaced.items():
        text = text.replace(old, new)
    return text
