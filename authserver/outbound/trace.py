"""How a call to others is a part of a trace: what surrounds it, and the `traceparent` header that it carries.

W3C Trace Context §3.2. https://www.w3.org/TR/trace-context/#traceparent-header
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar

# Of a request that came with one.
traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)
# By method and host; gives the header.
Around = Callable[[str, str], AbstractContextManager[str | None]]
_watchers: list[Around] = []


def around_call(method: str, host: str) -> AbstractContextManager[str | None]:
    """Surround one call; gives its `traceparent`, if it is a part of a trace."""
    return _watchers[-1](method, host) if _watchers else nullcontext(traceparent.get())


def watch_calls(around: Around) -> None:
    """Have every later call of this process surrounded by this."""
    _watchers.append(around)
