"""The one way in which statements run: compiled once for each database, on the driver's own cursor.

SQLAlchemy spends 30 to 50 µs on a statement that SQLite answers in 5; its events and result objects are of no use where
a constant statement takes text, whole numbers, booleans and bytes and gives rows of them or a count.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import (
    Boolean,
    Connection,
    Delete,
    Insert,
    Integer,
    LargeBinary,
    Select,
    String,
    TextClause,
    Update,
)
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import visitors
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.types import NullType

if TYPE_CHECKING:
    from authserver.store.engine.libpq import Fetched, LibpqConnection, Wording

Row = tuple[Any, ...]
Construct = Select[Any] | Insert | Update | Delete | TextClause
# What both drivers take and give as it is, but for SQLite's booleans.
PLAIN = (String, Integer, Boolean, LargeBinary, NullType)
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Compiled:
    """SQL text, the order of its values (None: by name), values that never change, and columns of booleans.

    `lists` writes the SQL for each call, where a value is a list for `IN` or can be no parameter. `wording` is for
    libpq, where it takes the statement without psycopg's cursors.
    """

    sql: str
    order: tuple[str, ...] | None
    constants: Mapping[str, Any]
    booleans: tuple[int, ...]
    only_reads: bool
    lists: SQLCompiler | None
    wording: "Wording | None" = None


class Statement:
    """A constant statement with `bindparam()`s, perhaps another for each dialect, by its name.

    The parameters of an INSERT are `columns`, or all of its table.

    Each way to run it raises DBAPIError, in whose text no value stands, and KeyError where a value is missing.
    """

    def __init__(self, construct: Construct | Callable[[str], Construct], columns: Sequence[str] | None = None) -> None:
        self._construct = construct
        self._columns = list(columns) if columns else None
        self._compiled: dict[str, Compiled] = {}

    def row(self, connection: Connection, values: Mapping[str, Any] = NOTHING) -> Row | None:
        """The first row, or None."""
        compiled, cursor = self._execute(connection, values)
        rows = cursor.fetchall()
        if not rows:
            return None
        row: Row = rows[0]
        return _with_booleans(row, compiled.booleans) if compiled.booleans else row

    def rows(self, connection: Connection, values: Mapping[str, Any] = NOTHING) -> list[Row]:
        """All rows."""
        compiled, cursor = self._execute(connection, values)
        rows: list[Row] = list(cursor.fetchall())
        return [_with_booleans(row, compiled.booleans) for row in rows] if compiled.booleans else rows

    def value(self, connection: Connection, values: Mapping[str, Any] = NOTHING) -> Any:
        """The first field of the first row; None where there is no row."""
        row = self.row(connection, values)
        return None if row is None else row[0]

    def column(self, connection: Connection, values: Mapping[str, Any] = NOTHING) -> list[Any]:
        """The first field of every row."""
        return [row[0] for row in self.rows(connection, values)]

    def run(self, connection: Connection, values: Mapping[str, Any] = NOTHING) -> int:
        """How many rows a statement without RETURNING changed."""
        return self._execute(connection, values)[1].rowcount

    def run_each(self, connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        """Run it with each of these values, and not at all without any."""
        compiled = self.compiled(connection)
        given = [_written(compiled, values)[1] for values in rows]
        if not given:
            return
        try:
            _run_many(connection, compiled, given)
        except DBAPIError as lost:
            _prepare_again(connection, compiled, lost)
            _run_many(connection, compiled, given)

    def compiled(self, connection: Connection) -> Compiled:
        """As this database takes it."""
        return self._compiled.get(connection.dialect.name) or self._compile(connection)

    def _execute(self, connection: Connection, values: Mapping[str, Any]) -> "tuple[Compiled, DBAPICursor | Fetched]":
        compiled = self.compiled(connection)
        try:
            return compiled, _cursor(connection, compiled, values)
        except DBAPIError as lost:
            _prepare_again(connection, compiled, lost)
        return compiled, _cursor(connection, compiled, values)

    def _compile(self, connection: Connection) -> Compiled:
        dialect = connection.dialect
        construct = self._construct(dialect.name) if callable(self._construct) else self._construct
        if isinstance(construct, Insert):
            # Or SQLAlchemy would have the new key returned, which nobody reads.
            construct = construct.inline()
        # An UPDATE sets what it names and what the table says, not every column.
        keys = self._columns if isinstance(construct, Insert) else []
        made: Any = construct.compile(dialect=dialect, column_keys=keys)
        columns = () if isinstance(construct, TextClause) else tuple(construct.exported_columns)
        _require_plain([*(bind.type for bind in made.bind_names), *(column.type for column in columns)])
        booleans = tuple(index for index, column in enumerate(columns) if isinstance(column.type, Boolean))
        constants = {name: bind.value for bind, name in made.bind_names.items() if not bind.required}
        # What the table says that an INSERT gives where nothing else is said.
        constants |= {column.key: column.default.arg for column in made.insert_prefetch}
        compiled = Compiled(
            str(made),
            tuple(made.positiontup or ()) if made.positional else None,
            constants,
            () if dialect.supports_native_boolean else booleans,
            _only_reads(construct),
            made if made.literal_execute_params or any(bind.expanding for bind in made.bind_names) else None,
            _for_libpq(construct, keys) if dialect.name == "postgresql" else None,
        )
        self._compiled[dialect.name] = compiled
        return compiled


def _for_libpq(construct: Construct, keys: Sequence[str] | None) -> "Wording | None":
    # Here, so that nothing of PostgreSQL's driver is loaded with SQLite.
    from authserver.store.engine import libpq

    return libpq.worded(construct, keys)


def _require_plain(types: Iterable[object]) -> None:
    others = {type(each).__name__ for each in types if not isinstance(each, PLAIN)}
    if others:
        raise TypeError(f"the drivers do not take these types as they are: {sorted(others)}")


def _only_reads(construct: Construct) -> bool:
    # A SELECT may hold an UPDATE as a part of it.
    return isinstance(construct, Select) and not any(
        isinstance(part, UpdateBase) for part in visitors.iterate(construct)
    )


def _with_booleans(row: Row, booleans: tuple[int, ...]) -> Row:
    # SQLite has none, and gives 0 and 1.
    fields = list(row)
    for index in booleans:
        fields[index] = None if fields[index] is None else bool(fields[index])
    return tuple(fields)


def _written(compiled: Compiled, values: Mapping[str, Any]) -> tuple[str, Any]:
    if compiled.constants:
        values = {**compiled.constants, **values}
    if compiled.lists is not None:
        state = compiled.lists.construct_expanded_state(dict(values))
        return state.statement, state.positional_parameters if state.positiontup else state.parameters
    return compiled.sql, values if compiled.order is None else [values[name] for name in compiled.order]


def _cursor(connection: Connection, compiled: Compiled, values: Mapping[str, Any]) -> "DBAPICursor | Fetched":
    if compiled.wording is not None:
        driver = cast("LibpqConnection", connection.connection.dbapi_connection)
        try:
            return driver.ask(compiled.wording, {**compiled.constants, **values} if compiled.constants else values)
        except connection.dialect.loaded_dbapi.Error as error:
            raise _wrapped(connection, compiled, error, None) from error
    cursor = _new_cursor(connection, compiled)
    sql, parameters = _written(compiled, values)
    try:
        cursor.execute(sql, parameters)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _wrapped(connection, compiled, error, cursor) from error
    return cursor


def _new_cursor(connection: Connection, compiled: Compiled) -> DBAPICursor:
    try:
        return connection.connection.cursor()
    except connection.dialect.loaded_dbapi.Error as error:
        # It may have to begin the transaction.
        raise _wrapped(connection, compiled, error, None) from error


def _run_many(connection: Connection, compiled: Compiled, given: list[Any]) -> None:
    cursor = _new_cursor(connection, compiled)
    try:
        cursor.executemany(compiled.sql, given)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _wrapped(connection, compiled, error, cursor) from error


def _prepare_again(connection: Connection, compiled: Compiled, error: DBAPIError) -> None:
    """Let the same statement be tried on another connection, if this one was lost with nothing done; else raise."""
    if not error.connection_invalidated:
        raise error
    if connection.in_transaction():
        # Only with PostgreSQL is there such a loss.
        from authserver.store.engine.libpq import NotBegunError

        if not isinstance(error.orig, NotBegunError):
            raise error
        connection.rollback()
        connection.begin()
    elif not compiled.only_reads:
        raise error


def _wrapped(connection: Connection, compiled: Compiled, error: Exception, cursor: DBAPICursor | None) -> BaseException:
    # No value stands in the text of the error.
    dialect, base = connection.dialect, connection.dialect.loaded_dbapi.Error
    is_lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, cursor)  # type: ignore[arg-type]
    if is_lost:
        connection.invalidate(error)
    return DBAPIError.instance(compiled.sql, None, error, base, True, is_lost, dialect)
