"""Places that are given out in the order of arrival.

A lock or a queue of the standard library goes to whoever asks at the moment it is free, which is mostly the thread that
has just given it back: the others wait long, and one of them longest.
"""

from collections import deque
from threading import Lock
from time import monotonic


class Turns:
    """So many places; who finds none free waits behind those who came before.

    `waits` says how many had to, for how many seconds in all (`waited`), and how many in vain (`refused`).
    """

    def __init__(self, places: int) -> None:
        self._places = self._free = places
        self.waits = self.refused = 0
        self.waited = 0.0
        self._guard = Lock()
        # Of each who waits a lock that is held until a place is handed over. While anybody waits, no place is free.
        self._waiting: deque[Lock] = deque()

    @property
    def waiting(self) -> int:
        """How many wait for a place now."""
        return len(self._waiting)

    @property
    def taken(self) -> int:
        """How many places are taken now."""
        return self._places - self._free

    def take(self, timeout: float = -1) -> bool:
        """Whether a place came within so many seconds; without `timeout` one waits for as long as it takes."""
        with self._guard:
            if self._free:
                self._free -= 1
                return True
            mine = Lock()
            mine.acquire()
            self._waiting.append(mine)
        began, is_mine = monotonic(), False
        try:
            is_mine = mine.acquire(timeout=timeout) or not self._withdraw(mine)
        except BaseException:
            if not self._withdraw(mine):
                self.give()
            raise
        finally:
            with self._guard:
                self.waits += 1
                self.waited += monotonic() - began
                self.refused += not is_mine
        return is_mine

    def give(self) -> None:
        """Hand a place to who has waited longest."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1

    def _withdraw(self, mine: Lock) -> bool:
        """Whether one leaves the queue with nothing: a place may have been handed over at the last moment."""
        with self._guard:
            if mine not in self._waiting:
                return False
            self._waiting.remove(mine)
            return True
