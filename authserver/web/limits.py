"""Rate limits, counted where they are decided. Without their storage they fail open, with an event.

A limit that failed shut would let whoever takes Redis down lock everybody out.
"""

import math
import time
from functools import cache

from flask_limiter import Limiter
from limits import RateLimitItem, parse

from authserver.events import emit

_parse = cache(parse)


def hit(limiter: Limiter, limit: str, *key: str) -> int:
    """Count one under this key; 0 while the limit (`5 per minute`) allows it, else the seconds to wait."""
    return _count(limiter, _parse(limit), key, cost=1)


def wait(limiter: Limiter, limit: str, *key: str) -> int:
    """As `hit`, without counting."""
    return _count(limiter, _parse(limit), key, cost=0)


def _count(limiter: Limiter, item: RateLimitItem, key: tuple[str, ...], cost: int) -> int:
    strategy = limiter.limiter
    try:
        if strategy.hit(item, *key) if cost else strategy.test(item, *key):
            return 0
        reset = strategy.get_window_stats(item, *key).reset_time
    except strategy.storage.base_exceptions as error:
        emit("server:limits:unavailable", reason=type(error).__name__)
        return 0
    return max(1, math.ceil(reset - time.time()))
