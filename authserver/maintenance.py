"""What a running server does by itself, again and again: each task in a thread of its own."""

import random
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

import structlog

from authserver.events import Recorder, emit, recorder
from authserver.server import Server
from authserver.store.clock import DatabaseClock
from authserver.store.database import UNAVAILABLE

# How soon a key that another process made or revoked is known here, in seconds.
KEYS_INTERVAL = 5
CLOCK_INTERVAL = 5
READERS_INTERVAL = 30
# How much later, in seconds, what is done at once begins: it would take the processor from the first answer.
SOON = 0.1
# Seconds by which this machine's clock may differ from the database's before somebody is told.
SKEW = 2.0
# How long a task is left alone, in seconds, that found no storage: it would write a line each time.
AFTER_FAILURE = 5.0
_log = structlog.get_logger("authserver")


@dataclass(frozen=True, slots=True)
class Task:
    """`do` is called every `interval` seconds, or up to `spread` later, and first `at_once` or after that time, too.

    It ends early once what it is given is set.
    """

    name: str
    do: Callable[[threading.Event], object]
    interval: float
    spread: float = 0.0
    at_once: bool = False


class Runner:
    """One daemon thread for each task. No fault ends it: what failed is logged and done at the next turn."""

    def __init__(self, tasks: Iterable[Task], sink: Recorder) -> None:
        self._sink = sink
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(task,), name=task.name, daemon=True) for task in tasks
        ]

    def start(self) -> None:
        """Begin to take turns."""
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float = 5) -> bool:
        """End all tasks; wait at most `timeout` seconds for those that run. False where one still does."""
        self._stopped.set()
        end = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _run(self, task: Task) -> None:
        recorder.set(self._sink)
        pause = 0.0
        if task.at_once and not self._stopped.wait(SOON):
            turn(task, self._stopped)
        # Nodes that start together spread out.
        while not self._stopped.wait(max(pause, task.interval) + random.uniform(0, task.spread)):  # noqa: S311
            pause = 0.0 if turn(task, self._stopped) else AFTER_FAILURE


def turn(task: Task, stopped: threading.Event) -> bool:
    """Do it once; False where it failed. Never raises."""
    try:
        task.do(stopped)
    except UNAVAILABLE as error:
        _log.warning("maintenance:storage_failed", task=task.name, reason=type(error).__name__)
    except Exception:
        _log.exception("maintenance:failed", task=task.name)
    else:
        return True
    return False


def keys(server: Server) -> Task:
    """Rotate keys, and follow those of the other processes."""
    return Task("keys", lambda _: server.keys.maintain(server.now(), server.registry.signing_algs), KEYS_INTERVAL)


def readers(server: Server) -> Task:
    """Write down who fetched the JWKS."""
    return Task("readers", lambda _: server.keys.readers.flush(server.now()), READERS_INTERVAL, spread=5)


def registered(server: Server) -> Task:
    """Follow the registered clients that another worker changed."""
    return Task("registered", lambda _: server.registered.refresh(), KEYS_INTERVAL)


def notices(server: Server) -> Task:
    """Follow keys and registered clients of the others as soon as they say that they have changed them."""

    def heard() -> None:
        server.keys.refresh(server.now())
        server.registered.refresh()

    return Task("notices", partial(server.keys.notices.listen, heard), KEYS_INTERVAL, at_once=True)


def clock(server: Server) -> Task:
    """Follow the database's clock, and tell where this machine's differs."""
    return Task("clock", lambda _: _follow(server), CLOCK_INTERVAL, at_once=True)


def _follow(server: Server) -> None:
    clock, warnings = server.clock, server.warnings
    if not isinstance(clock, DatabaseClock):
        return
    clock.measure()
    if abs(clock.skew) < SKEW:
        warnings.pop("clock", None)
        return
    ahead = "ahead of" if clock.skew > 0 else "behind"
    is_new = "clock" not in warnings
    warnings["clock"] = (
        f"clock: this machine is {abs(clock.skew):.1f} s {ahead} the database, whose clock counts. One of the two "
        "is wrong: check that both are synchronized."
    )
    if is_new:
        emit("server:clock:skewed", seconds=round(clock.skew, 1))
