"""What goes with a request through every room: its id and the client's address, for logs, events and limits."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from structlog.contextvars import bind_contextvars, reset_contextvars

from authserver.events import recorder
from authserver.http import forwarded, identity
from authserver.http.address import client_address, is_trusted
from authserver.outbound.trace import traceparent
from authserver.server import Server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


@contextmanager
def entered(server: Server, environ: "WSGIEnvironment") -> Iterator[tuple[str, str]]:
    """Bind the request's id, the client's address, and the trace, for the length of one request."""
    peer, forwarded_for = environ.get("REMOTE_ADDR", ""), environ.get("HTTP_X_FORWARDED_FOR")
    trusted = server.settings.trusted_proxies
    address = client_address(peer, forwarded_for, trusted)
    is_from_proxy = bool(trusted) and is_trusted(peer, trusted)
    if forwarded_for and not is_from_proxy:
        forwarded.note(server, peer, forwarded_for)
    request_id = identity.request_id(environ, is_from_proxy=is_from_proxy)
    trace = identity.trace(environ, is_from_proxy=is_from_proxy)
    environ["authserver.request_id"] = request_id
    environ["authserver.address"] = address
    tokens = bind_contextvars(request_id=request_id, address=address, **({"trace_id": trace.trace_id} if trace else {}))
    called_by = traceparent.set(trace.child(os.urandom(8).hex()) if trace else None)
    sink = recorder.set(server.recorder)
    try:
        yield request_id, address
    finally:
        traceparent.reset(called_by)
        recorder.reset(sink)
        reset_contextvars(**tokens)
