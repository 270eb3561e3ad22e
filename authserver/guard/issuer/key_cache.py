"""The issuer's keys, held in memory: who fetches them, when, and what happens when that fails."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from authserver.guard.errors import KeysUnavailableError
from authserver.guard.issuer.fetch import FetchError
from authserver.guard.issuer.jwks import Keys

MIN_AGE, DEFAULT_AGE, MAX_AGE = 60, 600, 86400
# A token with an unknown `kid` is signed by a brand-new key, or rubbish. The issuer is asked again soon, since one of
# its servers may have answered that had not heard of the key; then ever less often.
FIRST_PAUSE, LONGEST_PAUSE = 1, 30
RETRY_AFTER = 5
# Past this age keys that could not be refreshed are dropped: a revoked one must not live for ever.
STALE_LIMIT = 86400

log = logging.getLogger("authserver.guard")


@dataclass(frozen=True, slots=True)
class KeySnapshot:
    """The keys of one fetch. Both times are seconds of the cache's timer."""

    keys: Keys
    fresh_until: float
    usable_until: float


class KeyCache:
    """Keys kept as long as the issuer allows; safe between threads, one of which fetches at a time.

    `fetch` reads the keys and the seconds they may be kept; `timer` counts seconds and never goes back.
    """

    def __init__(self, fetch: Callable[[], tuple[Keys, int | None]], timer: Callable[[], float]) -> None:
        self._fetch = fetch
        self._timer = timer
        self._held: KeySnapshot | None = None
        self._retry_at = self._unknown_at = float("-inf")
        self._pause = FIRST_PAUSE
        self._lock = threading.Lock()

    def current(self) -> KeySnapshot:
        """The keys to verify with, fetched if none are held or too old. Raises KeysUnavailableError."""
        now, held = self._timer(), self._held
        if held is not None and now < held.fresh_until:
            return held
        stale = held if held is not None and now < held.usable_until else None
        # While one thread fetches, the others go on with the stale keys.
        if not self._lock.acquire(blocking=stale is None) and stale is not None:
            return stale
        try:
            fetched = self._held if self._held is not held else self._refresh()
        finally:
            self._lock.release()
        if snapshot := fetched or stale:
            return snapshot
        raise KeysUnavailableError("The issuer's keys cannot be read right now. Try again shortly.", RETRY_AFTER)

    def at_once(self) -> KeySnapshot | None:
        """What `current` would return, where it would not ask the issuer; None where it would."""
        now, held = self._timer(), self._held
        if held is not None and (now < held.fresh_until or (now < self._retry_at and now < held.usable_until)):
            return held
        if held is None and now < self._retry_at:
            return self.current()
        return None

    def stale(self) -> KeySnapshot | None:
        """The keys at hand, fresh or not, unless they are too old for any use."""
        held = self._held
        return held if held is not None and self._timer() < held.usable_until else None

    def may_ask_for_unknown(self) -> bool:
        """Whether the issuer would be asked for an unknown `kid` now."""
        return self._timer() >= self._unknown_at

    def after_unknown_key(self, seen: KeySnapshot) -> KeySnapshot:
        """The keys to look into once more for a `kid` that `seen` lacks; the issuer is asked at times."""
        with self._lock:
            if self._held is not None and self._held is not seen:
                return self._held
            if self._timer() < self._unknown_at:
                return seen
            if self._timer() >= self._unknown_at + LONGEST_PAUSE:
                self._pause = FIRST_PAUSE
            self._unknown_at = self._timer() + self._pause
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
            return self._refresh() or seen

    def _refresh(self) -> KeySnapshot | None:
        now = self._timer()
        if now < self._retry_at:
            return None
        try:
            keys, max_age = self._fetch()
        except FetchError as error:
            self._retry_at = self._timer() + RETRY_AFTER
            log.warning("The issuer's keys cannot be read: %s", error)
            return None
        age = DEFAULT_AGE if max_age is None else min(max(max_age, MIN_AGE), MAX_AGE)
        self._held = KeySnapshot(keys, now + age, now + age + STALE_LIMIT)
        return self._held
