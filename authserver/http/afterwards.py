"""Work that must not show in the time of an answer: done when the answer has left, one piece after another.

Whether an address has an account must not be read off a clock (ASVS 6.3.8). What must not be lost when the process is
killed is kept in the store beforehand, and done by another process then.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context

import structlog

from authserver.store.database import UNAVAILABLE

# An answer is out by then, and its thread no longer competes with this one.
HEAD_START = 0.05
MOST_WAITING = 200
_log = structlog.get_logger("authserver")


class Afterwards:
    """One thread that works behind the answers."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="afterwards")
        self._waiting = 0

    def do(self, work: Callable[[], None]) -> bool:
        """Do this soon, with the request id and the address of now. False where too much waits already."""
        if self._waiting >= MOST_WAITING:
            return False
        self._waiting += 1
        context, due = copy_context(), time.monotonic() + HEAD_START
        self._pool.submit(context.run, self._run, work, due)
        return True

    def settle(self) -> None:
        """Wait until what was handed over so far is done."""
        done: Future[None] = self._pool.submit(lambda: None)
        done.result()

    def close(self) -> None:
        """Do what waits, then no more."""
        self._pool.shutdown()

    def _run(self, work: Callable[[], None], due: float) -> None:
        time.sleep(max(0.0, due - time.monotonic()))
        try:
            work()
        except UNAVAILABLE as error:
            _log.warning("afterwards:storage_failed", reason=type(error).__name__)
        except Exception:
            _log.exception("afterwards:failed")
        finally:
            self._waiting -= 1


afterwards = Afterwards()
