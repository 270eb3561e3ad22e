"""Connections to PostgreSQL: made ready once, and begun with their time limits.

Behind a pooler in transaction mode, such as PgBouncer, each transaction may meet another connection of the server. Then
nothing may outlast one: neither a prepared statement nor a setting.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Self

import psycopg
from psycopg.abc import Params, Query
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from authserver.store.engine.libpq import Beginning, LibpqConnection, Wording
from authserver.store.engine.limits import Limits, is_table_locked
from authserver.store.engine.locked import Locked

# Statements of ours look up a few rows. Before there are statistics, PostgreSQL's price of a random page, which is that
# of a turning disk, makes it read whole tables, and a prepared statement would keep that plan.
_PLAN = "random_page_cost = 1.1"
# How long a host may say nothing before it counts as away; without these a severed network is waited for without end.
_AWAY = {
    "connect_timeout": 5,
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}
# Whatever the database or the environment says: texts are read and written as this.
_TEXT = {"client_encoding": "UTF8"}
_THRESHOLD = "prepare_threshold"


def connect_arguments(database_url: str) -> dict[str, Any]:
    """What psycopg is given to connect: the parameters of the URL, as libpq reads it, several hosts among them.

    `prepare_threshold`, which is psycopg's own, may stand there, too. Raises ArgumentError for what neither knows.
    https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
    """
    address, _, query = database_url.partition("?")
    pairs = [pair for pair in query.split("&") if pair]
    own = [pair.partition("=")[2] for pair in pairs if pair.partition("=")[0] == _THRESHOLD]
    others = [pair for pair in pairs if pair.partition("=")[0] != _THRESHOLD]
    try:
        given = conninfo_to_dict(f"{address}?{'&'.join(others)}" if others else address)
    except psycopg.Error as error:
        said = str(error).strip()
        # What libpq says of the rest repeats the URL, with its password.
        reason = said if said.startswith("invalid URI query parameter:") else "see libpq"
        raise ArgumentError(f"AUTHSERVER_DATABASE_URL cannot be read: {reason}") from None
    return {**_AWAY, **given, **_TEXT, **_threshold(own)}


def _threshold(given: Sequence[str]) -> dict[str, int | None]:
    if not given:
        return {}
    text = given[-1].lower()
    if text != "none" and not (text.isascii() and text.isdigit()):
        raise ArgumentError(f"AUTHSERVER_DATABASE_URL cannot be read: {_THRESHOLD} is a whole number or none")
    return {_THRESHOLD: None if text == "none" else int(text)}


class PostgreSQL:
    """How the connections of one engine are made ready, and their transactions begun."""

    def __init__(self, limits: Limits) -> None:
        # Known with the first connection.
        self.is_pooled = False
        self._locked = Locked() if limits.lock else None
        self._cursor: type[psycopg.Cursor[Any]] = _guarded(self._locked) if self._locked is not None else psycopg.Cursor
        self._settings = f"{limits.sql()}; SET {_PLAN}"
        brief, texts = limits.brief(), ("BEGIN", limits.brief().select())
        self._begin, self._pooled_begin = "BEGIN", f"BEGIN; {limits.sql('LOCAL')}; SET LOCAL {_PLAN}"
        begin, self._brief_limits = (Wording(text, (), ()) for text in texts)
        self._briefly = Beginning(f"BEGIN; {brief.sql('LOCAL')}", (begin, self._brief_limits))
        # There nothing is prepared.
        self._pooled_briefly = Beginning(f"BEGIN; {brief.sql('LOCAL')}; SET LOCAL {_PLAN}", ())

    def connect(self, _dialect: Dialect, _entry: ConnectionPoolEntry, given: Any, options: Any) -> LibpqConnection:
        """A new connection."""
        return LibpqConnection.connect(*given, **options)

    def prepare(self, connection: LibpqConnection, _entry: ConnectionPoolEntry) -> None:
        """Make a new connection ready."""
        connection.autocommit = True
        connection.locked = self._locked
        connection.threshold, connection.prepare_threshold = connection.prepare_threshold, None
        connection.cursor_factory = self._cursor
        (answers,) = connection.execute("SELECT pg_backend_pid()", prepare=False).fetchone() or (0,)
        # A pooler gives every client a number of its own.
        if answers != connection.info.backend_pid:
            self.is_pooled = True
            connection.threshold = None
        else:
            connection.execute(self._settings, prepare=False)

    def begin(self, connection: Connection, *, is_brief: bool) -> None:
        """Begin a transaction, in an exchange; a brief one begins with its first statement. Raises DBAPIError."""
        driver: Any = connection.connection.dbapi_connection
        if is_brief:
            driver.owe(self._pooled_briefly if self.is_pooled else self._briefly)
            return
        sql = self._pooled_begin if self.is_pooled else self._begin
        try:
            driver.run(sql)
        except psycopg.Error as error:
            dialect = connection.dialect
            is_lost = dialect.is_disconnect(error, driver, None)  # type: ignore[arg-type]  # it is one by its shape
            if is_lost:
                connection.invalidate(error)
            else:
                # BEGIN may have come through alone: whoever has the connection next must not be in there.
                with suppress(psycopg.Error):
                    driver.rollback()
            raise DBAPIError.instance(sql, None, error, psycopg.Error, True, is_lost, dialect) from error

    @contextmanager
    def within_brief_limits(self, connection: Connection) -> Iterator[None]:
        """Give each statement of the block the short limits, as a transaction by itself and in one exchange.

        Not behind a pooler.
        """
        driver: Any = connection.connection.dbapi_connection
        driver.limits = self._brief_limits
        try:
            yield
        finally:
            driver.limits = None


def _guarded(locked: Locked) -> "type[psycopg.Cursor[Any]]":
    class Guarded(psycopg.Cursor[Any]):
        """A cursor that does not wait for a table that another one waits for already."""

        def execute(self, query: Query, params: Params | None = None, **options: Any) -> Self:
            self._attempt(query, super().execute, params, **options)
            return self

        def executemany(self, query: Query, params_seq: Iterable[Params], **options: Any) -> None:
            self._attempt(query, super().executemany, params_seq, **options)

        def _attempt(self, query: Query, execute: Any, given: Any, **options: Any) -> None:
            if locked:
                locked.check(str(query))
            try:
                execute(query, given, **options)
            except psycopg.OperationalError as error:
                if is_table_locked(error):
                    locked.note(str(query))
                raise
            if locked:
                locked.forget(str(query))

    return Guarded
