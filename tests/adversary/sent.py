"""One request as the server gets it: bytes and headers that no client library would send."""

import io
from dataclasses import dataclass, field
from typing import Any

from werkzeug.test import TestResponse, create_environ, run_wsgi_app
from werkzeug.wrappers import Request

from authserver.pages.app import App
from authserver.server import FORM

BASE = create_environ("/", "http://localhost:8080")


@dataclass(frozen=True, slots=True)
class Sent:
    """A request. Headers are by their WSGI names; every text is Latin-1, as WSGI has it."""

    method: str
    path: str
    query: bytes = b""
    body: bytes = b""
    content_type: str | None = FORM
    headers: dict[str, str] = field(default_factory=dict)

    def environ(self) -> dict[str, Any]:
        environ = dict(BASE) | {
            "REQUEST_METHOD": self.method,
            "PATH_INFO": self.path,
            "QUERY_STRING": self.query.decode("latin-1"),
            "CONTENT_LENGTH": str(len(self.body)),
            "REMOTE_ADDR": "198.51.100.9",
            "wsgi.input": io.BytesIO(self.body),
        }
        if self.content_type is not None:
            environ["CONTENT_TYPE"] = self.content_type
        return environ | self.headers


def send(app: App, sent: Sent) -> TestResponse:
    """The answer. An exception that leaves the application is raised here."""
    environ = sent.environ()
    body, status, headers = run_wsgi_app(app, dict(environ), buffered=True)
    return TestResponse(body, status, headers, request=Request(environ))
