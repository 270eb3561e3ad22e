"""What removes expired rows from a running server: one node at a time, until none is left."""

import secrets
import threading
import time
from functools import partial

import structlog

from authserver import people
from authserver.events import emit
from authserver.maintenance import Task
from authserver.server import Server
from authserver.store.registration import clients
from authserver.store.upkeep import backlog, cleanup, lease

TASK = "cleanup"
# Seconds for which a node is in charge; it says so again long before. Another's takes over once it says nothing.
IN_CHARGE = 60
# After each batch, so many times as long as it took: a database that is busy takes longer, and then has more rest.
REST = 1.0
_log = structlog.get_logger("authserver")


class Cleaner:
    """One of a process. It has a round in each interval of the settings, unless another node is at it."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._holder = secrets.token_hex(16)
        self._say_at = self._renew_at = 0.0

    @property
    def task(self) -> Task:
        """What the maintenance is to do. Of nodes that spread out one cleans, and leaves nothing to the others."""
        interval = self._server.settings.cleanup_interval
        return Task(TASK, self.clean, interval, spread=interval / 2)

    def clean(self, stopped: threading.Event) -> None:
        """Remove all that has expired, until `stopped` is set, unless another node is in charge."""
        server, began = self._server, time.monotonic()
        self._say_at = began + server.settings.cleanup_interval
        if not self._take_charge():
            return
        if not self._end_sessions(stopped):
            return
        self._remove_unused_clients()
        removed = cleanup.delete_expired(
            server.database, server.now(), server.settings.events_retention, partial(self._may_go_on, stopped)
        )
        if removed:
            _log.info("maintenance:removed", seconds=round(time.monotonic() - began, 1), **removed)

    def _remove_unused_clients(self) -> None:
        server = self._server
        before = server.now() - server.settings.registered_client_unused
        with server.database.write() as connection:
            unused = clients.unused(connection, before, cleanup.BATCH_OF_AUTHORIZATIONS)
            for client_id in unused:
                clients.remove(connection, client_id, server.now())
                emit("client:registration:expired", client_id=client_id, within=connection)
        for client_id in unused:
            server.registered.changed(client_id)

    def _end_sessions(self, stopped: threading.Event) -> bool:
        """End what has expired, so that clients are told, before what says who they are is removed."""
        while True:
            began = time.monotonic()
            with self._server.database.write() as connection:
                is_more = people.end_expired(people.change_of(self._server, connection), cleanup.BATCH)
            if not is_more:
                return True
            if not self._may_go_on(stopped, time.monotonic() - began):
                return False

    def _may_go_on(self, stopped: threading.Event, took: float) -> bool:
        if stopped.wait(took * REST):
            return False
        if time.monotonic() >= self._say_at:
            self._say_at = time.monotonic() + self._server.settings.cleanup_interval
            self._tell_backlog()
        return time.monotonic() < self._renew_at or self._take_charge()

    def _take_charge(self) -> bool:
        self._renew_at = time.monotonic() + IN_CHARGE / 3
        with self._server.database.write() as connection:
            return lease.take(connection, TASK, self._holder, self._server.now(), IN_CHARGE)

    def _tell_backlog(self) -> None:
        server = self._server
        with server.database.read() as connection:
            left = backlog.count(connection, server.now(), server.settings.events_retention)
        _log.warning("maintenance:behind", advice="more expires than is removed, or much did at once", **left)
