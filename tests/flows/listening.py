"""The server of a relying party that takes logout tokens: real HTTP on the loopback, which can be told to misbehave."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode

import jwt

from authserver.cleaner import Cleaner
from authserver.outbox.sender import Sender
from tests.flows.browser import Browser
from tests.flows.provider import Provider
from tests.flows.relying_party import Tokens
from tests.mail.post import rows
from tests.patience import PATIENCE

EVENT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass
class Listener:
    """What came, and what is answered: a status, headers and a body; a `slow` one answers once it may."""

    port: int = 0
    status: int = 200
    location: str = ""
    body: bytes = b""
    slow: bool = False
    tokens: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    may_answer: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/logout"

    def claims(self, provider: Provider, client_id: str) -> dict[str, Any]:
        """The claims of the last token, checked as Back-Channel Logout 1.0 §2.6 says, by a foreign library."""
        token = self.tokens[-1]
        claims = provider.verify(token, "logout+jwt", audience=client_id)
        header = jwt.get_unverified_header(token)
        assert header["alg"] == provider.app.server.registry.clients[client_id].id_token_signed_response_alg
        assert "nonce" not in claims
        assert claims["events"] == {EVENT: {}}
        assert claims["jti"]
        assert claims["exp"] - claims["iat"] == 120
        assert claims.keys() == {"iss", "aud", "iat", "exp", "jti", "events", "sub", "sid"}
        return claims

    def heard(self) -> list[tuple[str, str]]:
        """Whom and which session each token was about, unverified."""
        found = [jwt.decode(token, options={"verify_signature": False}) for token in self.tokens]
        return [(claims["sub"], claims["sid"]) for claims in found]


@contextmanager
def listening(**answers: Any) -> Iterator[Listener]:
    """One that listens until the block ends."""
    listener = Listener(**answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            listener.paths.append(self.path)
            listener.types.append(self.headers["Content-Type"])
            listener.tokens.extend(parse_qs(body)["logout_token"])
            if listener.slow:
                listener.may_answer.wait(PATIENCE)
            self.send_response(listener.status)
            if listener.location:
                self.send_header("Location", listener.location)
            self.send_header("Content-Length", str(len(listener.body)))
            self.end_headers()
            self.wfile.write(listener.body)

        def do_GET(self) -> None:
            listener.paths.append(f"GET {self.path}")
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        listener.may_answer.set()
        server.shutdown()
        server.server_close()


def register(provider: Provider, client_id: str, uri: str, **more: object) -> None:
    """Give a client an address for logout tokens in clients.yaml, and other fields, as JSON."""
    fields = "".join(f"\n    {name}: {json.dumps(value)}" for name, value in more.items())
    old = f"  - client_id: {client_id}\n"
    provider.amend(old, f'{old}    backchannel_logout_uri: "{uri}"{fields}\n')


def sender_of(provider: Provider) -> Sender:
    """What sends the jobs of a server, of every kind but letters, which have no mail server here."""
    server = provider.app.server
    kinds = [kind for kind in provider.app.kinds if kind.name == "backchannel_logout"]
    return Sender(server.database, server.master, server.now, kinds, pause=0.0)


def deliver(provider: Provider) -> None:
    """Send what is due now, and wait until that is done."""
    sender = sender_of(provider)
    sender.turn()
    assert sender.settle(PATIENCE)


def clean(provider: Provider) -> None:
    """What the running server does by itself now and then; one node, so that it stays in charge."""
    cleaner = provider.app.extensions.setdefault("cleaner", Cleaner(provider.app.server))
    cleaner.clean(threading.Event())


def jobs_of(provider: Provider) -> list[Any]:
    """The words to clients that wait."""
    return [row for row in rows(provider.database) if row.kind == "backchannel_logout"]


def waiting(provider: Provider) -> list[str]:
    """The clients that are still to be told."""
    return [row.destination for row in jobs_of(provider)]


def leave(browser: Browser, tokens: Tokens) -> None:
    """Sign out at the asking of the client that got these tokens."""
    browser.open(f"/end_session?{urlencode({'id_token_hint': tokens.id_token})}")
