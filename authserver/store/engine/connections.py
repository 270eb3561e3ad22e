"""Open connections, kept between uses: the last one used is the next one taken.

A checkout from SQLAlchemy's pool builds and takes apart four objects, which costs a request more than its statement.
"""

import select
from contextlib import suppress
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import QueuePool

from authserver.store.engine.turns import Turns

# Seconds that a thread waits for a connection while all are in use.
TIMEOUT = 5.0


class Watcher(Protocol):
    """Who is told of each use of a connection, by the thread that has it."""

    def began(self, connection: Connection) -> None: ...
    def ended(self, connection: Connection) -> None: ...


class Connections:
    """The connections of one engine: as many as its pool has stay open, twice as many may be in use at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._kept = engine.pool.size() if isinstance(engine.pool, QueuePool) else 1
        self._idle: list[Connection] = []
        self.watcher: Watcher | None = None
        self._turns = Turns(2 * self._kept)
        event.listen(engine, "engine_disposed", self._close_idle)

    @property
    def turns(self) -> Turns:
        """The places, of which each open connection in use takes one."""
        return self._turns

    def take(self) -> Connection:
        """An open connection, for one thread until it gives it back. Raises TimeoutError of SQLAlchemy, DBAPIError."""
        if not self._turns.take(TIMEOUT):
            raise PoolTimeoutError(f"no database connection became free within {TIMEOUT:.0f} s")
        try:
            connection = self._still_open() or self._engine.connect()
        except BaseException:
            self._turns.give()
            raise
        if self.watcher is not None:
            self.watcher.began(connection)
        return connection

    def give_back(self, connection: Connection) -> None:
        """End what was begun on a connection and keep it for the next use, unless it was lost or is one too many."""
        if self.watcher is not None:
            self.watcher.ended(connection)
        try:
            if connection.in_transaction():
                with suppress(DBAPIError):
                    connection.rollback()
            if connection.invalidated:
                connection.close()
                # The server that closed this one has closed the others, too.
                self._engine.dispose()
            elif len(self._idle) < self._kept:
                self._idle.append(connection)
            else:
                _close(connection)
        finally:
            self._turns.give()

    def _still_open(self) -> Connection | None:
        """The idle connection used last, without those that died meanwhile."""
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:
                break
            if not _has_ended(connection):
                return connection
            connection.invalidate()
            connection.close()
        return None

    def _close_idle(self, _engine: Engine) -> None:
        while self._idle:
            with suppress(IndexError):
                _close(self._idle.pop())


def _has_ended(connection: Connection) -> bool:
    """Whether the server has closed an idle connection, by a look at its socket that asks the server nothing.

    Between two uses nothing is to come. What can be read is the end, or a note that costs no more than the connection.
    """
    if connection.dialect.name != "postgresql":
        return False
    driver: Any = connection.connection.dbapi_connection
    if driver.closed:
        return True
    socket = select.poll()
    socket.register(driver.fileno(), select.POLLIN)
    return bool(socket.poll(0))


def _close(connection: Connection) -> None:
    # Detached, or the pool would keep it open.
    connection.detach()
    connection.close()
