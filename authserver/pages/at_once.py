"""Pages that can sometimes be answered without a page: then before Flask is entered, otherwise by its view."""

from typing import TYPE_CHECKING

import structlog

from authserver.http.machine import REASONS, as_request
from authserver.http.mount import AtOnce
from authserver.pages.headers import always, policy
from authserver.server import Server
from authserver.store.database import UNAVAILABLE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_log = structlog.get_logger("authserver")


def serve(
    server: Server, answer: AtOnce, path: str, environ: "WSGIEnvironment", start: "StartResponse"
) -> list[bytes] | None:
    """Answer a GET with the headers of a page; None where the view must. Nothing escapes."""
    # Werkzeug reads stray bytes in a query in a way of its own, which the view then sees.
    if environ["REQUEST_METHOD"] != "GET" or not environ.get("QUERY_STRING", "").isascii():
        return None
    try:
        reply = answer(server, as_request(server, environ, environ["authserver.address"], {}))
    except UNAVAILABLE:
        return None
    except Exception:  # the view meets the same fault and makes a page of it
        _log.exception("http:failed")
        return None
    if reply is None:
        return None
    environ["authserver.endpoint"] = path
    headers = [
        *reply.headers,
        *always(server.settings),
        ("Content-Security-Policy", policy()),
        ("Cache-Control", "no-store"),
        ("Content-Length", str(len(reply.body))),
        ("X-Request-Id", environ["authserver.request_id"]),
    ]
    _log.info("http:request", method="GET", path=path, status=reply.status)
    start(f"{reply.status} {REASONS[reply.status]}", headers)
    return [reply.body]
