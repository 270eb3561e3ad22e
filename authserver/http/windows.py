"""Where limits are counted without Redis: of each key the times of its last hits.

The library's own memory keeps something of every key for ever and goes through all of them after each hit, so that
strangers who name ever new accounts fill and slow it. Here what is over goes, and the number of keys is bounded.
"""

import time
from collections import OrderedDict, defaultdict, deque
from threading import Lock

from limits.errors import ConfigurationError
from limits.storage import MovingWindowSupport, Storage

# For each length of a window: far more than one machine is asked about, and some ten megabytes.
MOST_KEYS = 50_000


class LocalWindows(Storage, MovingWindowSupport):
    """The windows of one process. Lengths are seconds."""

    STORAGE_SCHEME = ["local"]  # noqa: RUF012 - as the library declares it

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: float | str | bool) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self._lock = Lock()
        # Windows of one length end in the order of their last hits.
        self._windows: defaultdict[int, OrderedDict[str, deque[float]]] = defaultdict(OrderedDict)

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        with self._lock:
            now = time.time()
            windows = self._windows[expiry]
            hits = self._live(key, expiry, now)
            if len(hits) + amount > limit:
                return False
            hits.extend([now] * amount)
            windows[key] = hits
            windows.move_to_end(key)
            self._drop_old(windows, now - expiry)
            return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:  # noqa: ARG002
        with self._lock:
            now = time.time()
            hits = self._live(key, expiry, now)
            return (hits[0], len(hits)) if hits else (now, 0)

    def give_back(self, key: str, expiry: int) -> None:
        """Take one hit back."""
        with self._lock:
            hits = self._windows[expiry].get(key)
            if hits:
                hits.pop()

    def clear(self, key: str) -> None:
        with self._lock:
            for windows in self._windows.values():
                windows.pop(key, None)

    def reset(self) -> int:
        with self._lock:
            count = sum(map(len, self._windows.values()))
            self._windows.clear()
            return count

    def check(self) -> bool:
        return True

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:  # noqa: ARG002
        raise ConfigurationError(f"{key}: only moving windows are counted here")

    def get(self, key: str) -> int:
        raise ConfigurationError(f"{key}: only moving windows are counted here")

    def get_expiry(self, key: str) -> float:
        raise ConfigurationError(f"{key}: only moving windows are counted here")

    def _live(self, key: str, expiry: int, now: float) -> deque[float]:
        hits = self._windows[expiry].get(key, deque())
        while hits and hits[0] <= now - expiry:
            hits.popleft()
        return hits

    def _drop_old(self, windows: OrderedDict[str, deque[float]], before: float) -> None:
        while windows:
            key, hits = next(iter(windows.items()))
            if len(windows) <= MOST_KEYS and hits and hits[-1] > before:
                return
            del windows[key]
