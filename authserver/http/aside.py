"""Waiting without being in the way: a request that waits for something slow gives its place to others meanwhile."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar

Leave = Callable[[], AbstractContextManager[None]]
# Whoever admits requests to the application says how one steps out and in again.
leave: ContextVar[Leave] = ContextVar("leave", default=nullcontext)


def aside() -> AbstractContextManager[None]:
    """Out of the way for the length of this block, which must hold no transaction; then back in, in turn."""
    return leave.get()()
