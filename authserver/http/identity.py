"""What a request is called: the id that a trusted proxy gave it, or a new one; and the trace that it belongs to.

An id of anybody else is left alone: whoever chooses it could hide among the lines of another request.
"""

import os
import re
from typing import TYPE_CHECKING

from authserver.protocol import trace_context
from authserver.protocol.trace_context import TraceContext

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# As long as what is kept of events, or a UUID, which is kept there without its hyphens.
_SOUND = re.compile(r"[A-Za-z0-9._:=+/@-]{8,32}|[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def request_id(environ: "WSGIEnvironment", *, is_from_proxy: bool) -> str:
    """Sixteen random hexadecimal digits, or `X-Request-Id`."""
    given = environ.get("HTTP_X_REQUEST_ID") if is_from_proxy else None
    return given if given is not None and _SOUND.fullmatch(given) else os.urandom(8).hex()


def trace(environ: "WSGIEnvironment", *, is_from_proxy: bool) -> TraceContext | None:
    """The trace, if a trusted proxy says that there is one."""
    return trace_context.parsed(environ.get("HTTP_TRACEPARENT")) if is_from_proxy else None
