"""The same keys for event loops: what waits for the network does so in a thread, once for all who want it."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future

from authserver.guard.issuer.key_cache import KeyCache, KeySnapshot


class AsyncKeys:
    """A KeyCache that no event loop waits for; it may serve several loops and threads at once."""

    def __init__(self, cache: KeyCache) -> None:
        self._cache = cache
        self._lock = threading.Lock()
        self._asking: Future[KeySnapshot] | None = None

    async def current(self) -> KeySnapshot:
        """As `KeyCache.current`; stale keys are used while new ones are on their way."""
        if snapshot := self._cache.at_once():
            return snapshot
        asking = self._ask(self._cache.current)
        return self._cache.stale() or await _result(asking)

    async def after_unknown_key(self, seen: KeySnapshot) -> KeySnapshot:
        """As `KeyCache.after_unknown_key`."""
        if self._asking is None and not self._cache.may_ask_for_unknown():
            return self._cache.stale() or seen
        return await _result(self._ask(lambda: self._cache.after_unknown_key(seen)))

    def _ask(self, work: Callable[[], KeySnapshot]) -> Future[KeySnapshot]:
        with self._lock:
            asking = self._asking
            if asking is None:
                self._asking = asking = Future()
                # A daemon: a process that ends does not wait for the issuer.
                threading.Thread(target=self._run, args=(work, asking), daemon=True).start()
            return asking

    def _run(self, work: Callable[[], KeySnapshot], asking: Future[KeySnapshot]) -> None:
        try:
            snapshot = work()
        except BaseException as error:
            self._asking = None
            asking.set_exception(error)
        else:
            self._asking = None
            asking.set_result(snapshot)


async def _result(asking: Future[KeySnapshot]) -> KeySnapshot:
    # Shielded: a caller who goes away must not take the keys from the others.
    return await asyncio.shield(asyncio.wrap_future(asking))
