"""Which DPoP proofs have been used: each is good once.

RFC 9449 §11.1: https://www.rfc-editor.org/rfc/rfc9449#section-11.1
"""

import threading
import time
from collections.abc import Callable
from typing import Protocol

SOME = 1024


class Replays(Protocol):
    """What remembers the proofs that were used, for one process or, in Redis for example, for many."""

    def spend(self, proof: str, seconds: float) -> bool:
        """Remember a proof, by 43 characters, for this long; False if it is remembered already.

        Of any number at once, one gets True. Whatever this raises refuses the request, with 503.
        """


class MemoryReplays:
    """Those of this process, in its memory; safe for threads. `timer` counts seconds and never goes back."""

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self._timer = timer
        self._until: dict[str, float] = {}
        self._clear_at = SOME
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._until)

    def spend(self, proof: str, seconds: float) -> bool:
        now = self._timer()
        with self._lock:
            if self._until.get(proof, now) > now:
                return False
            self._until[proof] = now + seconds
            if len(self._until) >= self._clear_at:
                self._until = {name: until for name, until in self._until.items() if until > now}
                self._clear_at = max(SOME, 2 * len(self._until))
        return True
