"""What goes with a request through every room: its id and the client's address, for logs, events and limits."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from structlog.contextvars import bind_contextvars, reset_contextvars

from authserver.events import recorder
from authserver.http import forwarded
from authserver.http.address import client_address, is_trusted
from authserver.server import Server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


@contextmanager
def entered(server: Server, environ: "WSGIEnvironment") -> Iterator[tuple[str, str]]:
    """Bind a new request id and the client's address for the length of one request."""
    request_id = os.urandom(8).hex()
    peer, forwarded_for = environ.get("REMOTE_ADDR", ""), environ.get("HTTP_X_FORWARDED_FOR")
    trusted = server.settings.trusted_proxies
    address = client_address(peer, forwarded_for, trusted)
    if forwarded_for and not is_trusted(peer, trusted):
        forwarded.note(server, peer, forwarded_for)
    environ["authserver.request_id"] = request_id
    environ["authserver.address"] = address
    tokens = bind_contextvars(request_id=request_id, address=address)
    sink = recorder.set(server.recorder)
    try:
        yield request_id, address
    finally:
        recorder.reset(sink)
        reset_contextvars(**tokens)
