"""Endpoints for machines: served before Flask, from the bare WSGI environment.

Tokens, keys and metadata need no session, no template and no URL converter; Flask's dispatch would cost as much as an
RSA signature's larger half on each. What every answer needs stands here once, so that no endpoint can forget it.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal

import structlog

from authserver.http import cors
from authserver.http.context import entered
from authserver.http.refusal import note_refusal, refusal
from authserver.keys import NoSigningKey
from authserver.protocol.errors import ProtocolError
from authserver.protocol.token.bearer import in_its_scheme
from authserver.server import Reply, Request, Server, error_reply
from authserver.store.database import UNAVAILABLE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

REASONS = {status.value: status.phrase for status in HTTPStatus}
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
ALWAYS = (("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"))
STAY_ON_HTTPS = ("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
ALWAYS_BY_SCHEME = {"http": ALWAYS, "https": (*ALWAYS, STAY_ON_HTTPS)}
_log = structlog.get_logger("authserver")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint: what answers it, its methods, and which browser origins may read the answer (`cors`).

    `document` is the whole answer to a GET without conditions, where that is a public document made beforehand. It is
    given without a request id or a log line, as it would be by any cache on the way. `heed` is told of each GET before
    it is answered. `refuse` words a refusal.
    """

    answer: Callable[[Server, Request], Reply]
    methods: tuple[str, ...]
    cors: Literal["none", "registered", "any"] = "none"
    document: Callable[[Server], Reply] | None = None
    heed: "Callable[[Server, WSGIEnvironment], None] | None" = None
    refuse: Callable[[ProtocolError], Reply] = error_reply


@dataclass(frozen=True, slots=True)
class Found:
    """The endpoint of a path, the path as it is registered, and the ids that stand in it."""

    endpoint: Endpoint
    rule: str
    arguments: Mapping[str, str]


def serve(server: Server, found: Found, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
    """Answer one request. Whatever goes wrong becomes JSON; nothing escapes."""
    endpoint = found.endpoint
    environ["authserver.endpoint"] = found.rule
    if endpoint.heed is not None and environ["REQUEST_METHOD"] == "GET":
        endpoint.heed(server, environ)
    if endpoint.document is not None and environ["REQUEST_METHOD"] == "GET" and "HTTP_IF_NONE_MATCH" not in environ:
        document = endpoint.document(server)
        start("200 OK", list(document.headers))
        return [document.body]
    began = time.perf_counter()
    with entered(server, environ) as (request_id, address):
        origin = environ.get("HTTP_ORIGIN")
        reply, request = _reply(server, found, environ, address)
        refused = refusal(server, reply, request, environ.get("HTTP_AUTHORIZATION")) if reply.error else {}
        if reply.error:
            note_refusal(server, refused["client_id"], found.rule, reply.error, reply.reason, reply.detail)
        environ["authserver.client_id"] = refused.get("client_id") or (request.client_id if request else None)
        headers = [
            *reply.headers,
            *(request.answer_headers if request else ()),
            *ALWAYS_BY_SCHEME[server.settings.scheme],
            *cors.headers(endpoint.cors, origin, server.registry.origins, server.registered.has_origin),
            ("Content-Length", str(len(reply.body))),
            ("X-Request-Id", request_id),
        ]
        _log.info(
            "http:request",
            method=environ["REQUEST_METHOD"],
            path=found.rule,
            status=reply.status,
            ms=round((time.perf_counter() - began) * 1000, 2),
            **refused,
            **({"detail": reply.detail} if reply.detail else {}),
        )
    start(f"{reply.status} {REASONS[reply.status]}", headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [reply.body]


def _reply(server: Server, found: Found, environ: "WSGIEnvironment", address: str) -> tuple[Reply, Request | None]:
    method, endpoint, request = environ["REQUEST_METHOD"], found.endpoint, None
    if method == "OPTIONS" and endpoint.cors != "none":
        return cors.preflight(endpoint.methods), None
    try:
        if method not in endpoint.methods:
            raise _not_allowed(endpoint.methods)
        request = as_request(server, environ, address, found.arguments)
        return endpoint.answer(server, request), request
    except ProtocolError as error:
        return endpoint.refuse(in_its_scheme(error, environ.get("HTTP_AUTHORIZATION"))), request
    except UNAVAILABLE as error:
        _log.error("database:unavailable", reason=type(error).__name__)
        return endpoint.refuse(_unavailable("Storage is unavailable. Try again shortly.")), request
    except NoSigningKey as lacking:
        # Revoked at once by an administrator, within this very request.
        _log.error("key:none", alg=str(lacking))
        return endpoint.refuse(_unavailable("No key signs at this moment. Try again shortly.")), request
    except Exception:  # the last line of defence: no input makes a stack trace
        _log.exception("http:failed")
        failed = ProtocolError("server_error", "The server failed. Its log has the request ID.", status=500)
        return endpoint.refuse(failed), request


def as_request(server: Server, environ: "WSGIEnvironment", address: str, arguments: Mapping[str, str]) -> Request:
    """The request as endpoints for machines know it."""
    settings = server.settings
    body = _body(environ, settings.max_body) if environ["REQUEST_METHOD"] in WITH_BODY else b""
    return Request(environ, settings.issuer, address, body, arguments)


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


def _not_allowed(methods: tuple[str, ...]) -> ProtocolError:
    return ProtocolError(
        "invalid_request", "Use " + " or ".join(methods) + ".", status=405, headers=(("Allow", ", ".join(methods)),)
    )


def _unavailable(why: str) -> ProtocolError:
    # 503: nothing was half done, so the client may try again.
    return ProtocolError("temporarily_unavailable", why, status=503, headers=(("Retry-After", "5"),))
