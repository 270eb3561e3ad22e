"""clients.yaml as the parent has read it, handed to the workers: one process reads it, however many there are."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from mmap import mmap
from queue import Empty, SimpleQueue

import structlog

from authserver.clients.live import LiveRegistry
from authserver.clients.served.packed import Verdict, pack, unpack
from authserver.serve.nameless import nameless_file

_COUNT_BYTES = 8
_log = structlog.get_logger("authserver")


class Published:
    """Made before the fork. The parent publishes; each worker follows, from what its parent had at the fork."""

    def __init__(self, live: LiveRegistry) -> None:
        self._live = live
        self._file = nameless_file()
        # How often something was published: here in memory that all processes share, and as far as this one knows.
        self._shared, self._known = mmap(-1, _COUNT_BYTES), 0
        self._said = live.current.version, live.faults
        self._calls: SimpleQueue[None] = SimpleQueue()

    def publish(self) -> bool:
        """In the parent: hand on what stands now; whether that is anything new. No fork may come in between."""
        if (self._live.current.version, self._live.faults) == self._said:
            return False
        self._said = self._live.current.version, self._live.faults
        packed = pack(Verdict(self._live.current, self._live.faults, self._live.arrival))
        with _locked(self._file, fcntl.LOCK_EX):
            # Only the parent moves the place in the file, which belongs to all of them.
            os.lseek(self._file, 0, os.SEEK_SET)
            with os.fdopen(self._file, "wb", closefd=False) as file:
                file.write(packed)
                file.truncate()
            self._known += 1
            self._shared[:] = self._known.to_bytes(_COUNT_BYTES, "little")
        return True

    def follow(self, interval: float) -> None:
        """In a worker: look for something new every so many seconds, and when woken, from a thread of its own."""
        threading.Thread(target=self._follow, args=(interval,), name="clients", daemon=True).start()

    def wake(self) -> None:
        """Have the worker look now. Safe in a signal handler."""
        self._calls.put(None)

    def _follow(self, interval: float) -> None:
        while True:
            with suppress(Empty):
                self._calls.get(timeout=interval)
            try:
                self.look()
            except Exception:
                _log.exception("clients:failed")

    def look(self) -> None:
        """In a worker: take what was published since the last look."""
        if int.from_bytes(self._shared[:], "little") == self._known:
            return
        with _locked(self._file, fcntl.LOCK_SH):
            self._known = int.from_bytes(self._shared[:], "little")
            packed = os.pread(self._file, os.fstat(self._file).st_size, 0)
        verdict = unpack(packed, self._live.current.clients)
        self._live.take(verdict.registry, verdict.faults, verdict.arrival)


@contextmanager
def _locked(file: int, how: int) -> Iterator[None]:
    fcntl.lockf(file, how)
    try:
        yield
    finally:
        fcntl.lockf(file, fcntl.LOCK_UN)
