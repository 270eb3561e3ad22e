"""Rate limits, counted where they are decided. Without their storage they fail open, with an event.

A limit that failed shut would let whoever takes Redis down lock everybody out.
"""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from flask_limiter import Limiter
from limits import parse
from limits.storage import RedisStorage

from authserver.events import emit
from authserver.http.address import limit_key
from authserver.http.windows import LocalWindows
from authserver.settings import Settings

_parse = cache(parse)


def hit(limiter: Limiter, limit: str, *key: str) -> int:
    """Count one under this key; 0 while the limit (`5 per minute`) allows it, else the seconds to wait."""
    strategy, item = limiter.limiter, _parse(limit)
    try:
        if strategy.hit(item, *key):
            return 0
        reset = strategy.get_window_stats(item, *key).reset_time
    except strategy.storage.base_exceptions as error:
        emit("server:limits:unavailable", reason=type(error).__name__)
        return 0
    return max(1, math.ceil(reset - time.time()))


def hit_mail(limiter: Limiter, settings: Settings, kind: str, to: str, address: str) -> int:
    """Count a mail of a kind that somebody at an address asks for; 0, or the seconds to wait before it may be sent.

    To be asked before anybody looks whether there is an account: the answer is the same either way (ASVS 6.3.8). `to`
    is whom it is for as it is looked up, so that another spelling has no quota of its own.
    """
    own = (settings.mail_limit_account, kind, to, limit_key(address))
    if wait := hit(limiter, *own):
        return wait
    if wait := hit(limiter, settings.mail_limit_recipient, kind, to):
        # No mail left: it takes nothing from what may be asked for from here later.
        give_back(limiter, *own)
    return wait


def give_back(limiter: Limiter, limit: str, *key: str) -> None:
    """Take one `hit` back that was none to count. Of several the newest goes, whose time is nearly that of ours."""
    storage, item = limiter.limiter.storage, _parse(limit)
    name = item.key_for(*key)
    try:
        if isinstance(storage, RedisStorage):
            storage.storage.lpop(storage.prefixed_key(name))
        elif isinstance(storage, LocalWindows):
            storage.give_back(name, item.get_expiry())
    except storage.base_exceptions as error:
        emit("server:limits:unavailable", reason=type(error).__name__)


class Tries:
    """What one try was counted under."""

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter
        self._hits: list[tuple[str, ...]] = []

    def hit(self, limit: str, *key: str) -> int:
        """As `hit`; what is refused counts nothing."""
        wait = hit(self._limiter, limit, *key)
        if not wait:
            self._hits.append((limit, *key))
        return wait

    def give_back(self) -> None:
        """It was no failure."""
        while self._hits:
            give_back(self._limiter, *self._hits.pop())


@contextmanager
def failures_alone(limiter: Limiter, failure: type[Exception]) -> Iterator[Tries]:
    """Tries that count while they run, so that many at once do not slip past, and after that only by a `failure`."""
    tries, has_failed = Tries(limiter), False
    try:
        yield tries
    except failure:
        has_failed = True
        raise
    finally:
        if not has_failed:
            tries.give_back()
