"""What the server says of itself: metadata and keys, as bytes made once for each version.

RFC 8414 §3; OpenID Connect Discovery 1.0 §4; RFC 7517 §5. https://www.rfc-editor.org/rfc/rfc8414#section-3
"""

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import orjson

from authserver.http import cors
from authserver.http.address import client_address, limit_key
from authserver.http.machine import ALWAYS_BY_SCHEME, Endpoint
from authserver.http.mount import Mount
from authserver.keys.readers import Seen
from authserver.server import JSON, Reply, Request, Server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

Heed = Callable[[Server, "WSGIEnvironment"], None]
METHODS = ("GET", "HEAD")
CORS: Literal["any"] = "any"
EMPTY = Reply(200)


class PublishedDocument:
    """A public document with its entity tag, for as long as `read` gives the same one."""

    def __init__(self, read: Callable[[Server], tuple[bytes, str]]) -> None:
        self._read = read
        self._made = ("", EMPTY)

    def endpoint(self, heed: Heed | None = None) -> Endpoint:
        return Endpoint(self.answer, METHODS, CORS, self.whole, heed)

    def answer(self, server: Server, request: Request) -> Reply:
        """Answer with the document, or 304."""
        body, etag = self._read(server)
        # RFC 9110 §13.1.2: weak comparison, over a list.
        known = {tag.strip().removeprefix("W/") for tag in (request.header("If-None-Match") or "").split(",")}
        if etag in known or "*" in known:
            return Reply(304, b"", _headers(server, etag))
        return Reply(200, body, (JSON, *_headers(server, etag)))

    def whole(self, server: Server) -> Reply:
        """The document with every header that belongs to it, made once."""
        body, etag = self._read(server)
        known, reply = self._made
        if known != etag:
            length = ("Content-Length", str(len(body)))
            always = (
                *ALWAYS_BY_SCHEME[server.settings.scheme],
                *cors.headers(CORS, None, (), server.registered.has_origin),
            )
            reply = Reply(200, body, (JSON, *_headers(server, etag), *always, length))
            self._made = (etag, reply)
        return reply


class Metadata:
    """The metadata document and its entity tag, made again only when clients.yaml changed."""

    def __init__(self) -> None:
        self._made = ("", b"", "")

    def __call__(self, server: Server) -> tuple[bytes, str]:
        version, body, etag = self._made
        if version != server.registry.version:
            body = orjson.dumps(server.metadata())
            etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
            self._made = (server.registry.version, body, etag)
        return body, etag


def _jwks(server: Server) -> tuple[bytes, str]:
    return server.keys.jwks()


def heed_reader(server: Server, environ: "WSGIEnvironment") -> None:
    """Note which program fetches the JWKS, at the cost of one look into a dictionary. A browser is a person, no API."""
    agent = environ.get("HTTP_USER_AGENT", "")
    if "HTTP_ORIGIN" in environ or agent.startswith("Mozilla/"):
        return
    peer, forwarded_for = environ.get("REMOTE_ADDR", ""), environ.get("HTTP_X_FORWARDED_FOR", "")
    seen = Seen(server.keys.jwks()[1], peer, forwarded_for[-200:], agent[:200], environ.get("QUERY_STRING", "")[:200])
    if server.keys.readers.knows(seen):
        return
    address = client_address(peer, forwarded_for, server.settings.trusted_proxies)
    server.keys.readers.note(seen, address, limit_key(address), server.now())


def _related_origins(server: Server) -> tuple[bytes, str]:
    # WebAuthn Level 3 §5.11: who else may use passkeys of this domain.
    own = f"{server.settings.scheme}://{server.settings.authority}"
    body = orjson.dumps({"origins": [own, *server.settings.passkey_origins]})
    return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def _headers(server: Server, etag: str) -> tuple[tuple[str, str], ...]:
    return (("Cache-Control", f"public, max-age={server.settings.jwks_max_age}"), ("ETag", etag))


def mount(server: Server) -> Mount:
    """The documents: under the issuer, and path-inserted (RFC 8414 §3.1)."""
    path = server.settings.path
    document = PublishedDocument(Metadata()).endpoint()
    names = "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"
    return Mount(
        "discovery",
        endpoints={"/jwks.json": PublishedDocument(_jwks).endpoint(heed_reader)} | dict.fromkeys(names, document),
        at_root={name + path: document for name in names}
        | {"/.well-known/webauthn": PublishedDocument(_related_origins).endpoint()},
    )
