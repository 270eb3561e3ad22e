"""The signals that a process hears, in the order in which they come, for a thread of its own to obey.

Python runs a handler in the main thread, and not before that thread does something: one that waits may never hear of a
signal that the kernel gave to another thread. A byte to a descriptor is written at once, in whichever thread it is.
"""

import os
import select
import signal


def hold(number: int) -> None:
    """Keep a signal until it is taken: without a handler it would end the process."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {number})


class Signals:
    """Made before the fork; a process that is forked does not hear what its parent does."""

    def __init__(self) -> None:
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._writing, False)
        os.register_at_fork(after_in_child=lambda: signal.set_wakeup_fd(-1))

    def take(self, *numbers: int) -> None:
        """Hear these from now on, and those that `hold` kept. To be called in the main thread."""
        signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)
        for number in numbers:
            signal.signal(number, _nothing)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)

    def next(self, timeout: float | None = None) -> int | None:
        """The next signal; None if there is none within so many seconds."""
        if not select.select([self._reading], [], [], timeout)[0]:
            return None
        return os.read(self._reading, 1)[0]


def _nothing(_number: int, _frame: object) -> None:
    # Without a handler the default would come about, which is to end.
    pass
