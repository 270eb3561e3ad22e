"""An event that a signal handler may set.

A handler runs in the middle of whatever the main thread does. `threading.Event.set()` there waits for a lock that the
very same thread holds if it was just about to wait: the signal to stop would stop nothing, ever.
"""

import os
import select
from contextlib import suppress


class Wake:
    """As `threading.Event`, over a pipe instead of a lock."""

    def __init__(self) -> None:
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._reading, False)
        os.set_blocking(self._writing, False)

    def set(self) -> None:
        # A full pipe is set already.
        with suppress(BlockingIOError):
            os.write(self._writing, b"!")

    def clear(self) -> None:
        with suppress(BlockingIOError):
            while os.read(self._reading, 4096):
                pass

    def is_set(self) -> bool:
        return self.wait(0)

    def wait(self, timeout: float | None = None) -> bool:
        """Whether it was set, at the latest after so many seconds."""
        return bool(select.select([self._reading], [], [], timeout)[0])
