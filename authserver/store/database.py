"""Connections and transactions, alike on SQLite and PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, exc, text
from sqlalchemy.pool import ConnectionPoolEntry

from authserver.store.engine.connections import Connections, Watcher
from authserver.store.engine.limits import Limits
from authserver.store.engine.statement import Statement
from authserver.store.engine.turns import Turns

if TYPE_CHECKING:
    from authserver.store.engine.postgresql import PostgreSQL

BUSY_TIMEOUT_MS = 10_000
UNLIMITED = Limits()
# Storage is away or full: the same call may work later. What a caller got wrong is none of these.
UNAVAILABLE = (exc.OperationalError, exc.InterfaceError, exc.InternalError, exc.TimeoutError)


def engine_url(database_url: str) -> str:
    """The URL as SQLAlchemy wants it: a file is named from the root; for PostgreSQL, libpq reads the URL itself."""
    file = database_url.removeprefix("sqlite:///")
    if file not in {database_url, "", ":memory:"}:
        return f"sqlite:///{Path(file).absolute()}"
    return "postgresql+psycopg://" if database_url.startswith("postgresql://") else database_url


def engine_options(database_url: str, pool_size: int) -> dict[str, Any]:
    """Keyword arguments of `create_engine` for this database. Raises ArgumentError where libpq cannot read the URL."""
    # An error's text goes to the log, which must not hold the values of a statement.
    options: dict[str, Any] = {
        "hide_parameters": True,
        "pool_size": pool_size,
        "max_overflow": pool_size,
        "pool_timeout": 5,
    }
    if database_url.startswith("sqlite"):
        options["connect_args"] = {"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000}
    else:
        # psycopg takes long to import, and is not needed with SQLite.
        from authserver.store.engine.postgresql import connect_arguments

        options["connect_args"] = connect_arguments(database_url)
        # Or SQLAlchemy would look for that type, which no table has, on the first connection.
        options["use_native_hstore"] = False
    return options


# IMMEDIATE takes the write lock at once, so no transaction fails half-way with "database is locked".
_BEGIN_ON_SQLITE = Statement(text("BEGIN IMMEDIATE"))


class Database:
    """Transactions on one engine: `read()` is autocommit, `write()` is all or nothing and durable at its end.

    The drivers themselves are in autocommit mode: saying so, and unsaying it, at each checkout would cost as much as
    the statement.
    """

    def __init__(self, engine: Engine, limits: Limits = UNLIMITED) -> None:
        self.engine = engine
        self._connections = Connections(engine)
        self._reading: set[Connection] = set()
        self._brief: set[Connection] = set()
        self._postgresql: PostgreSQL | None = None
        if engine.dialect.name == "postgresql":
            from authserver.store.engine import postgresql

            self._postgresql = postgresql.PostgreSQL(limits)
            event.listen(engine, "do_connect", self._postgresql.connect)
        event.listen(engine, "connect", self._postgresql.prepare if self._postgresql else _prepare_sqlite)
        event.listen(engine, "begin", self._begin)
        # SQLite lets one transaction write at a time, and lets the others poll: threads of one process take turns.
        self._turns = Turns(1) if engine.dialect.name == "sqlite" else None

    @property
    def queues(self) -> dict[str, Turns]:
        """Where threads of this process wait: for a connection (`pool`), and with SQLite for a turn to write."""
        found = {"pool": self._connections.turns}
        if self._turns is not None:
            found["writes"] = self._turns
        return found

    def watch(self, watcher: Watcher) -> None:
        """Have `watcher` told of each group of statements."""
        self._connections.watcher = watcher

    @property
    def is_pooled(self) -> bool:
        """Whether a pooler such as PgBouncer stands before the server, as far as any connection has shown yet."""
        return self._postgresql is not None and self._postgresql.is_pooled

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Statements that each see what is committed; no transaction is opened, unless a pooler needs one."""
        if self.is_pooled:
            # There, time limits hold for a transaction or not at all.
            with self.write() as connection:
                yield connection
            return
        connection = self._connections.take()
        self._reading.add(connection)
        try:
            yield connection
        finally:
            self._reading.discard(connection)
            self._connections.give_back(connection)

    @contextmanager
    def write(self, *, is_brief: bool = False) -> Iterator[Connection]:
        """One transaction, committed at the end of the block and rolled back by an exception.

        One that `is_brief` has less time for its statements, and waits less for locks: many wait behind it. Raises
        TimeoutError of SQLAlchemy where the other writers of this process leave no turn for 10 s.
        """
        with self._in_turn():
            connection = self._begun(is_brief)
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            else:
                connection.commit()
            finally:
                self._brief.discard(connection)
                self._connections.give_back(connection)

    @contextmanager
    def write_one(self, *, is_brief: bool = False) -> Iterator[Connection]:
        """A connection for one statement that writes: a transaction by itself, durable at the end of the block.

        With `is_brief` as `write`; then it is one that needs no cursor. Raises as `write`, whose COMMIT is an exchange
        of its own.
        """
        if self.is_pooled:
            with self.write(is_brief=is_brief) as connection:
                yield connection
            return
        with self._in_turn(), self.read() as connection:
            if is_brief and self._postgresql is not None:
                with self._postgresql.within_brief_limits(connection):
                    yield connection
            else:
                yield connection

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        if self._turns is None:
            yield
            return
        if not self._turns.take(BUSY_TIMEOUT_MS / 1000):
            raise exc.TimeoutError("no turn to write")
        try:
            yield
        finally:
            self._turns.give()

    def _begun(self, is_brief: bool) -> Connection:
        try:
            return self._begin_on(self._connections.take(), is_brief)
        except exc.DBAPIError as error:
            if not error.connection_invalidated:
                raise
        # It died between two uses, with nothing done that could be done twice.
        return self._begin_on(self._connections.take(), is_brief)

    def _begin_on(self, connection: Connection, is_brief: bool) -> Connection:
        if is_brief:
            self._brief.add(connection)
        try:
            connection.begin()
        except BaseException:
            self._brief.discard(connection)
            self._connections.give_back(connection)
            raise
        return connection

    def _begin(self, connection: Connection) -> None:
        if connection in self._reading:
            return
        if self._postgresql is not None:
            self._postgresql.begin(connection, is_brief=connection in self._brief)
        else:
            _BEGIN_ON_SQLITE.run(connection, {})


def _prepare_sqlite(driver: Any, _entry: ConnectionPoolEntry) -> None:
    driver.isolation_level = None
    _use_wal(driver)
    for pragma in (
        # FULL: what was answered is durable even when the power goes.
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
    ):
        driver.execute(f"PRAGMA {pragma}").close()


def _use_wal(driver: Any) -> None:
    # Needed with SQLite alone.
    import sqlite3

    # The first connections to a new file refuse each other at once, however long they would wait for a lock.
    deadline = monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            driver.execute("PRAGMA journal_mode=WAL").close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() > deadline:
                raise
            sleep(0.01)
        else:
            return


def pooled(database_url: str, pool_size: int, limits: Limits) -> Database:
    """The database at this URL, by so many connections, and as many again for a while.

    Nothing is connected yet. Raises ArgumentError where libpq cannot read the URL.
    """
    return Database(create_engine(engine_url(database_url), **engine_options(database_url, pool_size)), limits)
