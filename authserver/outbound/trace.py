"""The `traceparent` header that calls to others carry, for as long as a request is worked on that came with one."""

from contextvars import ContextVar

traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)
