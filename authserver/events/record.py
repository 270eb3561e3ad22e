"""Audit events: one log line each at once, and a row in the table.

The log line is written before the answer leaves. What changes an account, a session or a link writes its row in the
same transaction: neither is kept without the other. The other rows follow within half a second, in a batch: a commit
for each token would cost as much as its signature, so a killed process loses those of its last half second, never
their lines.
"""

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

import orjson
import structlog
from structlog.contextvars import get_contextvars

from authserver.events.names import WARNINGS, EventName
from authserver.events.repeated import Repeated
from authserver.store import Connection, events
from authserver.store.database import UNAVAILABLE, Database
from authserver.store.events import as_kept

FLUSH_INTERVAL = 0.5
# So many do not wait for that: writing hundreds in a row would hold up every request meanwhile.
BATCH = 64
MOST_WAITING = 20_000
_log = structlog.get_logger("authserver")


class Recorder:
    """Writes events to the table, in batches, from a thread of its own that starts with the first event."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self._database = database
        self._waiting: deque[dict[str, Any]] = deque()
        self._repeated = Repeated()
        self._wake = threading.Event()
        self._is_closing = False
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @property
    def waiting(self) -> int:
        """How many rows wait to be written."""
        return len(self._waiting)

    def record(self, row: dict[str, Any]) -> None:
        """Take one event. While the database is away up to 20,000 wait; then the oldest rows go, their lines stay.

        What strangers can repeat at will has a few rows a minute.
        """
        self._tell_left_out(row["at"])
        if not self._repeated.admits(row):
            return
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft()
        self._waiting.append(row)
        if self._thread is None:
            self._start()
        if len(self._waiting) % BATCH == 0:
            self._wake.set()

    def flush(self) -> None:
        """Write what waits, now. While the database is away it keeps waiting."""
        with self._lock:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(500, len(self._waiting)))]
                try:
                    with self._database.write() as connection:
                        events.append(connection, batch)
                except UNAVAILABLE as error:
                    self._waiting.extendleft(reversed(batch))
                    _log.warning("events:waiting", waiting=len(self._waiting), reason=type(error).__name__)
                    return
                except Exception:  # rows that can never be written must not keep the others waiting
                    _log.exception("events:lost", lost=len(batch))

    def close(self) -> None:
        """Write what waits and end the thread."""
        self._is_closing = True
        self._wake.set()
        self.flush()

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="events", daemon=True)
                self._thread.start()

    def _tell_left_out(self, at: int) -> None:
        self._waiting.extend(self._repeated.told(at))

    def _run(self) -> None:
        while not self._is_closing:
            self._wake.wait(FLUSH_INTERVAL)
            self._wake.clear()
            self._tell_left_out(int(self.clock()))
            if self._waiting:
                self.flush()


Hear = Callable[[EventName, str | None, Mapping[str, Any]], None]
_listeners: list[Hear] = []
recorder: ContextVar[Recorder | None] = ContextVar("recorder", default=None)


def listen(hear: Hear) -> None:
    """Have every later event of this process told to `hear`: its name, client and detail. It must be quick."""
    _listeners.append(hear)


def emit(
    name: EventName,
    *,
    sub: str | None = None,
    client_id: str | None = None,
    within: Connection | None = None,
    **detail: Any,
) -> None:
    """Say that something happened that an auditor will ask for. Never hand it a secret, a token or a password.

    `within` is the transaction of what happened: the row is kept with it, or not at all.
    """
    say = _log.warning if name in WARNINGS else _log.info
    say(name, sub=sub, client_id=client_id, **detail)
    for hear in _listeners:
        hear(name, client_id, detail)
    sink = recorder.get()
    if within is None and sink is None:
        return
    context = get_contextvars()
    row = {
        "at": int(sink.clock() if sink else time.time()),
        "name": name,
        "sub": sub,
        "client_id": client_id,
        "address": context.get("address"),
        "request_id": as_kept(context.get("request_id")),
        "detail": _as_json(detail),
    }
    if within is not None:
        events.append(within, [row])
    elif sink is not None:
        sink.record(row)


def _as_json(detail: dict[str, Any]) -> str:
    try:
        return orjson.dumps(detail, default=str).decode()
    except TypeError:  # a lone surrogate, an integer past 64 bits
        return json.dumps(detail, default=str)
