"""Events that anybody can cause at will: of each kind a few rows a minute are kept, and of the rest their number.

Every one of them has its log line. Rows stay for half a year: their table must not grow as fast as somebody can send.
"""

from collections import Counter
from collections.abc import Mapping
from ipaddress import ip_network
from threading import Lock
from typing import Any

import orjson

MINUTE = 60
# Of all addresses together; and how many different ones are told apart: beyond that they are counted as one.
MOST_IN_ALL, MOST_KEYS = 600, 2000
ANY = (30, ("address",))
# By name: the rows a minute, and of what. Refusals of what is already refused say nothing new.
ROWS: Mapping[str, tuple[int, tuple[str, ...]]] = {
    "authorization:request:refused": ANY,
    "client:authentication:failed": ANY,
    "client:authentication:throttled": (1, ("address", "client_id")),
    "client:request:refused": ANY,
    "server:limits:unavailable": (1, ()),
    "token:assertion:refused": ANY,
    "token:refresh_token:retried": ANY,
    "user:code:failed": ANY,
    "user:email:requested": ANY,
    "user:login:failed": ANY,
    "user:login:refused": ANY,
    "user:login:throttled": (1, ("address", "sub")),
    "user:reset:requested": ANY,
    "user:sign_up:requested": ANY,
}
Key = tuple[Any, ...]


class Repeated:
    """Which rows are kept; one for each process. What was left out is told when its minute is over."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._minute = 0
        self._counts: Counter[Key] = Counter()
        self._kept: Counter[str] = Counter()
        self._left_out: Counter[Key] = Counter()

    def admits(self, row: Mapping[str, Any]) -> bool:
        """Whether this row is to be kept; where not, it is counted."""
        most, fields = ROWS.get(row["name"], (0, ()))
        if not most:
            return True
        name = row["name"]
        key = (name, *((field, _place(row[field]) if field == "address" else row[field]) for field in fields))
        with self._lock:
            is_full = len(self._counts) >= MOST_KEYS or self._kept[name] >= MOST_IN_ALL
            if is_full and key not in self._counts:
                key = (name,)
            if self._counts[key] < most and self._kept[name] < MOST_IN_ALL:
                self._counts[key] += 1
                self._kept[name] += 1
                return True
            self._left_out[key] += 1
            return False

    def told(self, at: int) -> list[dict[str, Any]]:
        """The rows that say how many were left out, once a minute has passed since; `at` is in seconds."""
        minute = at // MINUTE
        if minute == self._minute:
            return []
        with self._lock:
            left_out, self._left_out = self._left_out, Counter()
            self._counts, self._kept, self._minute = Counter(), Counter(), minute
        return [_summary(at, key, count) for key, count in left_out.items()]


def _summary(at: int, key: Key, count: int) -> dict[str, Any]:
    name, *fields = key
    empty = dict.fromkeys(("sub", "client_id", "address", "request_id"))
    return {**empty, **dict(fields), "at": at, "name": name, "detail": orjson.dumps({"more": count}).decode()}


def _place(address: str | None) -> str | None:
    # A subscriber has a whole /64 of IPv6.
    return str(ip_network((address, 64), strict=False).network_address) if address and ":" in address else address
