"""`/.well-known/oauth-protected-resource/<api>`: what an API says of itself, for its challenges to point to.

RFC 9728 §2, §3.1. https://www.rfc-editor.org/rfc/rfc9728#section-3.1
"""

import orjson

from authserver.http.machine import Endpoint
from authserver.http.routes import LoadedEndpoints, Routes
from authserver.protocol import management
from authserver.protocol.errors import ProtocolError
from authserver.protocol.metadata import PROTECTED_RESOURCE, protected_resource
from authserver.server import JSON, Reply, Request, Server


def routes(path: str) -> Routes:
    """The documents of all APIs, by name, below the path of the issuer."""
    found = LoadedEndpoints({"/{api}": _endpoint_of_any})
    return Routes(path + PROTECTED_RESOURCE, lambda: found, among_others=True)


def own(path: str) -> dict[str, Endpoint]:
    """The document of this server's own API, where RFC 9728 §3.1 looks for it: before the path of its address."""
    return {f"{PROTECTED_RESOURCE}{path}{management.PATH}": _endpoint_of_own}


def _of_any(server: Server, request: Request) -> Reply:
    return _document(server, request.arguments["api"])


def _of_own(server: Server, _request: Request) -> Reply:
    return _document(server, management.NAME)


def _document(server: Server, name: str) -> Reply:
    api = server.registry.apis.get(name)
    document = protected_resource(api, server.settings.issuer) if api else None
    if document is None:
        raise ProtocolError("invalid_request", "No API with an address has this name.", status=404)
    cached = ("Cache-Control", f"public, max-age={server.settings.jwks_max_age}")
    return Reply(200, orjson.dumps(document), (JSON, cached))


_endpoint_of_any = Endpoint(_of_any, ("GET", "HEAD"), "any")
_endpoint_of_own = Endpoint(_of_own, ("GET", "HEAD"), "any")
