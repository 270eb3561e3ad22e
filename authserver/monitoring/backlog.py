"""What waits in the database: jobs in the outbox, and expired rows to be removed; looked at now and then."""

import time
from collections.abc import Iterable, Iterator
from threading import Lock

from authserver.monitoring import names
from authserver.monitoring.counts import Snapshot
from authserver.monitoring.state import Value, collected
from authserver.server import Server
from authserver.store import outbox
from authserver.store.upkeep import backlog

# Seconds for which an answer is good: to count costs a short read for each table.
GOOD_FOR = 15.0


class Backlog:
    """The counts of one server."""

    def __init__(self, server: Server, kinds: Iterable[str]) -> None:
        self._server = server
        self._kinds = tuple(kinds)
        self._lock = Lock()
        self._counted: Snapshot = {}
        self._counted_at = float("-inf")

    def __call__(self) -> Snapshot:
        """What was counted a moment ago, or is counted now. Raises what the database says."""
        with self._lock:
            if time.monotonic() - self._counted_at >= GOOD_FOR:
                self._counted = collected(self._count())
                self._counted_at = time.monotonic()
            return self._counted

    def _count(self) -> Iterator[Value]:
        server = self._server
        now = server.now()
        with server.database.read() as connection:
            jobs = {kind: (count, oldest) for kind, count, oldest in outbox.waiting(connection)}
            rows = backlog.count(connection, now, server.settings.events_retention)
        for kind in self._kinds:
            count, oldest = jobs.get(kind, (0, now))
            yield names.OUTBOX, (kind,), count
            yield names.OUTBOX_OLDEST, (kind,), max(0, now - oldest)
        for table in backlog.TABLES:
            yield names.BACKLOG, (table,), rows.get(table, 0)
