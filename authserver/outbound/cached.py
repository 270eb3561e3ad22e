"""A document of somebody else, such as their keys: fetched for all by the first who wants it, and kept for a while."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from authserver.outbound.fault import CallError

# Past this age what could not be refreshed is dropped: a revoked key must not live for ever.
STALE_LIMIT = 86_400
# After a failure others are not made to wait for the same one.
RETRY_AFTER = 2
# What asks for something that is not in it, such as a key, is brand-new or rubbish. Its owner is asked again soon: one
# of their servers may have answered that had not heard of it. Then ever less often.
FIRST_PAUSE, LONGEST_PAUSE = 1, 30
# How often the owners of all documents were asked, by outcome: `ok` or `failed`.
FETCHES: Counter[str] = Counter()


class CachedDocument:
    """One document for all threads of this process, fresh for `age` seconds; by a clock that never goes back.

    `fetch` raises CallError.
    """

    def __init__(
        self, fetch: Callable[[], Mapping[str, Any]], age: float, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch = fetch
        self._age = age
        self._timer = timer
        self._document: Mapping[str, Any] | None = None
        self._fetched_at = 0.0
        self._retry_at = self._anew_at = float("-inf")
        self._pause = FIRST_PAUSE
        self._lock = threading.Lock()

    @property
    def is_fresh(self) -> bool:
        """Whether `get` answers without asking the owner."""
        return self._document is not None and self._timer() < self._fetched_at + self._age

    def get(self) -> Mapping[str, Any]:
        """The document; one that is stale where its owner is away. Raises CallError."""
        held = self._document
        if held is not None and self._timer() < self._fetched_at + self._age:
            return held
        with self._lock:
            # Another thread was faster.
            if self._document is not held and self._document is not None:
                return self._document
            try:
                return self._fetched()
            except CallError:
                if held is not None and self._timer() < self._fetched_at + STALE_LIMIT:
                    return held
                raise

    def anew(self, seen: Mapping[str, Any]) -> Mapping[str, Any]:
        """The document to look into once more, for what `seen` lacks; its owner is asked at times. Raises CallError."""
        with self._lock:
            # Who comes while another thread asks waits for the same answer.
            if self._document is not None and self._document is not seen:
                return self._document
            if self._timer() < self._anew_at:
                return seen
            if self._timer() >= self._anew_at + LONGEST_PAUSE:
                self._pause = FIRST_PAUSE
            self._anew_at = self._timer() + self._pause
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
            return self._fetched()

    def _fetched(self) -> Mapping[str, Any]:
        if self._timer() < self._retry_at:
            raise CallError("it failed a moment ago", is_away=True)
        try:
            document = self._fetch()
        except CallError:
            FETCHES["failed"] += 1
            self._retry_at = self._timer() + RETRY_AFTER
            raise
        FETCHES["ok"] += 1
        self._document, self._fetched_at = document, self._timer()
        return document
