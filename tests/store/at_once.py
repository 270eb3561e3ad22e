"""Many callers at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

T = TypeVar("T")
CALLERS = 16


def at_once(call: Callable[[int], T], callers: int = CALLERS) -> list[T]:
    """What each call returned; the first exception of any is raised. `call` gets its number."""
    barrier = Barrier(callers)

    def one(number: int) -> T:
        barrier.wait()
        return call(number)

    with ThreadPoolExecutor(callers) as threads:
        return list(threads.map(one, range(callers)))
