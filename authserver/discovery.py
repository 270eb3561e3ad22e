"""What the server says of itself: metadata and keys, as bytes made once for each version.

RFC 8414 §3; OpenID Connect Discovery 1.0 §4; RFC 7517 §5. https://www.rfc-editor.org/rfc/rfc8414#section-3
"""

import hashlib

import orjson

from authserver.server import JSON, Reply, Request, Server
from authserver.web.machine import Endpoint

METHODS = ("GET", "HEAD")


class Document:
    """The metadata document, made again only when clients.yaml changed."""

    def __init__(self) -> None:
        self._made: tuple[str, bytes, str] = ("", b"", "")

    def answer(self, server: Server, request: Request) -> Reply:
        """Answer with the metadata, or 304."""
        version, body, etag = self._made
        if version != server.registry.version:
            body = orjson.dumps(server.metadata())
            etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
            self._made = (server.registry.version, body, etag)
        return _cacheable(server, request, body, etag)


def jwks(server: Server, request: Request) -> Reply:
    """Answer with the published keys (RFC 7517 §5), or 304."""
    body, etag = server.keys.jwks()
    return _cacheable(server, request, body, etag)


def endpoints(server: Server) -> dict[str, Endpoint]:
    """The documents by their full path: under the issuer, and path-inserted (RFC 8414 §3.1)."""
    path = server.settings.path
    document = Endpoint(Document().answer, METHODS, cors="any")
    return {
        f"{path}/jwks.json": Endpoint(jwks, METHODS, cors="any"),
        f"{path}/.well-known/openid-configuration": document,
        f"{path}/.well-known/oauth-authorization-server": document,
        f"/.well-known/oauth-authorization-server{path}": document,
        f"/.well-known/openid-configuration{path}": document,
    }


def _cacheable(server: Server, request: Request, body: bytes, etag: str) -> Reply:
    headers = (("Cache-Control", f"public, max-age={server.settings.jwks_max_age}"), ("ETag", etag))
    # RFC 9110 §13.1.2: weak comparison, over a list.
    known = {tag.strip().removeprefix("W/") for tag in (request.if_none_match or "").split(",")}
    if etag in known or "*" in known:
        return Reply(304, b"", headers)
    return Reply(200, body, (JSON, *headers))
