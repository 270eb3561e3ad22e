"""A server and a client's site on free ports of this machine, for a real browser."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from werkzeug.serving import WSGIRequestHandler, make_server

from authserver.store import users
from tests.accounts.conftest import MakeSite
from tests.accounts.site import Site

CLIENTS = """
apis:
  reports:
    audience: https://reports.example.com
    permissions: {{"read:reports": Read reports, "write:reports": Write and publish reports}}
roles: {{user: ["read:reports", "write:reports"], staff: ["read:reports"]}}
claims:
  motto: {{scope: more, sentence: See more about you, label: Motto, changed_by: person}}
  languages: {{scope: more, sentence: See more about you, type: list, label: Spoken languages, changed_by: person}}
  remote: {{scope: more, sentence: See more about you, type: boolean, label: Works remotely, changed_by: person}}
  floor: {{scope: more, sentence: See more about you, type: integer, label: Floor}}
clients:
  - client_id: portal
    name: Team portal
    type: spa
    redirect_uris: ["{portal}/callback", "{portal}/onward"]
    post_logout_redirect_uris: ["{portal}/"]
    apis: [reports]
  - client_id: backstage
    name: Backstage
    type: spa
    redirect_uris: ["{portal}/callback"]
    allow: {{roles: [staff]}}
  - client_id: terminal
    name: Terminal
    type: native
    redirect_uris: ["http://127.0.0.1/callback", "http://[::1]/callback"]
"""


class Portal(ThreadingHTTPServer):
    """Answers its callback, and keeps what arrived there."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Callback)
        self.arrived: list[dict[str, list[str]]] = []

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.server_port}"


class Callback(BaseHTTPRequestHandler):
    """The client's redirect URI, by GET and by POST."""

    def do_GET(self) -> None:
        if not self.path.startswith("/onward"):
            self._arrive(urlsplit(self.path).query)
            return
        assert isinstance(self.server, Portal)
        # To the same program under another name, which is another origin.
        self.send_response(302)
        self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/callback?{urlsplit(self.path).query}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        self._arrive(self.rfile.read(int(self.headers["Content-Length"])).decode())

    def _arrive(self, fields: str) -> None:
        if self.path.startswith("/callback"):
            assert isinstance(self.server, Portal)
            self.server.arrived.append(parse_qs(fields))
        body = b"<!doctype html><title>Portal</title><link rel=icon href=data:><h1>Arrived</h1>"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


class Quiet(WSGIRequestHandler):
    """Serves without a line a request."""

    def log(self, *_: object, **__: object) -> None:
        """Quiet."""


class Place:
    """The server's address, the client's, and what was sent to it."""

    def __init__(self, site: Site, portal: Portal) -> None:
        self.site = site
        self.portal = portal
        self.issuer = site.app.server.settings.issuer

    def authorize_url(self, client_id: str = "portal", **parameters: str) -> str:
        query = {
            "response_type": "code",
            "client_id": client_id,
            "redirect_uri": f"{self.portal.origin}/callback",
            "scope": "openid profile email offline_access",
            "state": "xyz",
            "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            "code_challenge_method": "S256",
        }
        return f"{self.issuer}/authorize?{urlencode(query | parameters)}"


@contextmanager
def opened(make_site: MakeSite, more: str = "", **changed: Any) -> Iterator[Place]:
    """The server, with Ada in it, and the client's site, both listening. `more` is for clients.yaml."""
    with ExitStack() as stack:
        portal = Portal()
        stack.enter_context(_listening(portal))
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        port = listener.getsockname()[1]
        site = make_site(CLIENTS.format(portal=portal.origin) + more, issuer=f"http://localhost:{port}", **changed)
        ada = site.add("ada", "ada@example.com", "Ada Lovelace")
        with site.app.server.database.write() as connection:
            users.set_roles(connection, ada.sub, ["user"], 0)
        server = make_server("127.0.0.1", port, site.app, threaded=True, request_handler=Quiet, fd=listener.fileno())
        stack.enter_context(_listening(server))
        yield Place(site, portal)


@contextmanager
def _listening(server: BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
