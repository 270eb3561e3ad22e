"""Statements of the busiest paths: compiled once for each database, run on the driver's own cursor.

SQLAlchemy spends 30 to 50 µs on a statement that SQLite answers in 5; its events and result objects are of no use where
a constant statement takes text, whole numbers, booleans and bytes and gives a row or a count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, Connection, Delete, Insert, Select, TextClause, Update
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import visitors
from sqlalchemy.sql.dml import UpdateBase


@dataclass(frozen=True, slots=True)
class Compiled:
    """SQL text, the order of its values (None: by name), values that never change, and columns of booleans."""

    sql: str
    order: tuple[str, ...] | None
    constants: Mapping[str, Any]
    booleans: tuple[int, ...]
    only_reads: bool


class Statement:
    """A constant statement with `bindparam()`s. An INSERT names its columns, which are its parameters, too."""

    def __init__(
        self, construct: Select[Any] | Insert | Update | Delete | TextClause, columns: Sequence[str] | None = None
    ) -> None:
        self._construct = construct
        self._columns = list(columns) if columns else None
        self._compiled: dict[str, Compiled] = {}

    def row(self, connection: Connection, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """The first row, or None. Raises DBAPIError."""
        compiled, cursor = self._execute(connection, values)
        rows = cursor.fetchall()
        if not rows:
            return None
        row: tuple[Any, ...] = rows[0]
        if compiled.booleans:
            # SQLite has no booleans, and gives 0 and 1.
            fields = list(row)
            for index in compiled.booleans:
                fields[index] = None if fields[index] is None else bool(fields[index])
            return tuple(fields)
        return row

    def run(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """How many rows a statement without RETURNING changed. Raises DBAPIError."""
        return self._execute(connection, values)[1].rowcount

    def _execute(self, connection: Connection, values: Mapping[str, Any]) -> tuple[Compiled, DBAPICursor]:
        compiled = self.compiled(connection)
        if compiled.constants:
            values = {**compiled.constants, **values}
        try:
            return compiled, _cursor(connection, compiled, values)
        except DBAPIError as error:
            # The connection was lost. What only reads, and in no transaction, may be asked again on the next one.
            if not (error.connection_invalidated and compiled.only_reads) or connection.in_transaction():
                raise
        return compiled, _cursor(connection, compiled, values)

    def compiled(self, connection: Connection) -> Compiled:
        """As this database takes it."""
        return self._compiled.get(connection.dialect.name) or self._compile(connection)

    def _compile(self, connection: Connection) -> Compiled:
        dialect = connection.dialect
        made = self._construct.compile(dialect=dialect, column_keys=self._columns)
        columns = () if isinstance(self._construct, TextClause) else self._construct.exported_columns
        booleans = [
            index
            for index, column in enumerate(columns)
            if isinstance(column.type, Boolean) and not dialect.supports_native_boolean
        ]
        constants = {name: bind.value for bind, name in made.bind_names.items() if not bind.required}
        compiled = Compiled(
            str(made), tuple(made.positiontup or ()) or None, constants, tuple(booleans), self._only_reads
        )
        self._compiled[dialect.name] = compiled
        return compiled

    @property
    def _only_reads(self) -> bool:
        # A SELECT may hold an UPDATE as a part of it.
        return isinstance(self._construct, Select) and not any(
            isinstance(part, UpdateBase) for part in visitors.iterate(self._construct)
        )


def _cursor(connection: Connection, compiled: Compiled, values: Mapping[str, Any]) -> DBAPICursor:
    cursor = connection.connection.cursor()
    try:
        cursor.execute(compiled.sql, [values[name] for name in compiled.order] if compiled.order else values)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _wrapped(connection, compiled, error, cursor) from error
    return cursor


def _wrapped(connection: Connection, compiled: Compiled, error: Exception, cursor: DBAPICursor) -> BaseException:
    # No value stands in the text of the error.
    dialect, base = connection.dialect, connection.dialect.loaded_dbapi.Error
    is_lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, cursor)  # type: ignore[arg-type]
    if is_lost:
        connection.invalidate(error)
    return DBAPIError.instance(compiled.sql, None, error, base, True, is_lost, dialect)
