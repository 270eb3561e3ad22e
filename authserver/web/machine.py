"""Endpoints for machines: served before Flask, from the bare WSGI environment.

Tokens, keys and metadata need no session, no template and no URL converter; Flask's dispatch would cost as much as an
RSA signature's larger half on each. What every answer needs stands here once, so that no endpoint can forget it.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import structlog

from authserver.protocol.errors import ProtocolError
from authserver.server import Reply, Request, Server, error_reply
from authserver.store.database import UNAVAILABLE
from authserver.web import cors
from authserver.web.context import entered
from authserver.web.headers import STAY_ON_HTTPS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

REASONS = {
    200: "OK",
    204: "No Content",
    304: "Not Modified",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Content Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
ALWAYS = (("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"))
ALWAYS_BY_SCHEME = {"http": ALWAYS, "https": (*ALWAYS, STAY_ON_HTTPS)}
_log = structlog.get_logger("authserver")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint: what answers it, its methods, and which browser origins may read the answer (`cors`).

    `document` is the whole answer to a GET without conditions, where that is a public document made beforehand. It is
    given without a request id or a log line, as it would be by any cache on the way.
    """

    answer: Callable[[Server, Request], Reply]
    methods: tuple[str, ...]
    cors: Literal["none", "registered", "any"] = "none"
    document: Callable[[Server], Reply] | None = None


def serve(server: Server, endpoint: Endpoint, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
    """Answer one request. Whatever goes wrong becomes JSON; nothing escapes."""
    if endpoint.document is not None and environ["REQUEST_METHOD"] == "GET" and "HTTP_IF_NONE_MATCH" not in environ:
        document = endpoint.document(server)
        start("200 OK", list(document.headers))
        return [document.body]
    began = time.perf_counter()
    with entered(server, environ) as (request_id, address):
        origin = environ.get("HTTP_ORIGIN")
        reply = _reply(server, endpoint, environ, address)
        headers = [
            *reply.headers,
            *ALWAYS_BY_SCHEME[server.settings.scheme],
            *cors.headers(endpoint.cors, origin, server.registry.origins),
            ("Content-Length", str(len(reply.body))),
            ("X-Request-Id", request_id),
        ]
        _log.info(
            "http:request",
            method=environ["REQUEST_METHOD"],
            path=environ["PATH_INFO"],
            status=reply.status,
            ms=round((time.perf_counter() - began) * 1000, 2),
            **({"detail": reply.detail} if reply.detail else {}),
        )
    start(f"{reply.status} {REASONS[reply.status]}", headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [reply.body]


def _reply(server: Server, endpoint: Endpoint, environ: "WSGIEnvironment", address: str) -> Reply:
    method = environ["REQUEST_METHOD"]
    if method == "OPTIONS" and endpoint.cors != "none":
        return cors.preflight(endpoint.methods)
    if method not in endpoint.methods:
        return _not_allowed(endpoint.methods)
    try:
        return endpoint.answer(server, _request(server, environ, method, address))
    except ProtocolError as error:
        return error_reply(error)
    except UNAVAILABLE as error:
        _log.error("database:unavailable", reason=type(error).__name__)
        return unavailable()
    except Exception:  # the last line of defence: no input makes a stack trace
        _log.exception("http:failed")
        return error_reply(ProtocolError("server_error", "The server failed; its log has the request id.", status=500))


def _request(server: Server, environ: "WSGIEnvironment", method: str, address: str) -> Request:
    return Request(
        method=method,
        query=environ.get("QUERY_STRING", "").encode("latin-1", "replace"),
        body=_body(environ, server.settings.max_body) if method == "POST" else b"",
        content_type=environ.get("CONTENT_TYPE", ""),
        authorization=environ.get("HTTP_AUTHORIZATION"),
        origin=environ.get("HTTP_ORIGIN"),
        address=address,
        if_none_match=environ.get("HTTP_IF_NONE_MATCH"),
    )


def _body(environ: "WSGIEnvironment", most: int) -> bytes:
    stream: Any = environ["wsgi.input"]
    length = environ.get("CONTENT_LENGTH")
    if length:
        size = int(length) if length.isascii() and length.isdigit() and len(length) < 10 else most + 1
        body: bytes = stream.read(size) if size <= most else bytes(most + 1)
    else:
        body = stream.read(most + 1) if environ.get("wsgi.input_terminated") else b""
    if len(body) > most:
        raise ProtocolError("invalid_request", "The request body is too large.", status=413)
    return body


def _not_allowed(methods: tuple[str, ...]) -> Reply:
    error = ProtocolError(
        "invalid_request", "Use " + " or ".join(methods) + ".", status=405, headers=(("Allow", ", ".join(methods)),)
    )
    return error_reply(error)


def unavailable() -> Reply:
    """503: storage is away; nothing was half done, so the client may try again."""
    error = ProtocolError(
        "temporarily_unavailable",
        "Storage is unavailable; try again shortly.",
        status=503,
        headers=(("Retry-After", "5"),),
    )
    return error_reply(error)
