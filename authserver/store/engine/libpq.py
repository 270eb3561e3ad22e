"""Constant statements on libpq itself, which psycopg carries: one call sends them and has the whole answer.

psycopg's cursors work as generators, between whose steps they wait and let other threads run. That costs more than what
most of our statements take the server. https://www.psycopg.org/psycopg3/docs/api/pq.html
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import psycopg
from psycopg import errors
from psycopg.adapt import Transformer
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult
from sqlalchemy import Boolean, Insert, Integer, LargeBinary, String
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.sql.compiler import SQLCompiler

from authserver.store.engine.limits import is_table_locked
from authserver.store.engine.locked import Locked
from authserver.store.engine.together import DONE, NamedStatement, ask_together

Row = tuple[Any, ...]
# Types of parameters by their numbers in PostgreSQL's catalog: for all others SQLAlchemy writes a cast.
_CAST, _BOOL, _BYTEA = 0, 16, 17
# As psycopg has it: beyond these, plans take the server more memory than they save it work.
MOST_PREPARED = 100
_DIALECT = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Wording:
    """A statement with `$1`: the names of its values in their order, and the type of each."""

    text: str
    order: tuple[str, ...]
    types: tuple[int, ...]

    @cached_property
    def sql(self) -> bytes:
        return self.text.encode()

    @cached_property
    def formats(self) -> list[int]:
        """Of each value: 0 for text, 1 for binary."""
        return [int(each == _BYTEA) for each in self.types]


def worded(construct: Any, columns: Sequence[str] | None) -> Wording | None:
    """The statement so; None where it holds what libpq cannot be given as it is, such as a list."""
    keys = columns if isinstance(construct, Insert) else []
    made: SQLCompiler = construct.compile(dialect=_DIALECT, column_keys=keys)
    if made.literal_execute_params:
        return None
    types = {made.bind_names[bind]: (bind.type, bind.expanding) for bind in made.bind_names}
    order = tuple(made.positiontup or ())
    for name in order:
        kind, is_list = types[name]
        if is_list or not isinstance(kind, String | Integer | Boolean | LargeBinary):
            return None
    return Wording(str(made), order, tuple(_type(types[name][0]) for name in order))


def _type(kind: object) -> int:
    if isinstance(kind, LargeBinary):
        return _BYTEA
    return _BOOL if isinstance(kind, Boolean) else _CAST


@dataclass(frozen=True)
class Beginning:
    """How a transaction begins: by one text, or by the same as statements that can be prepared."""

    sql: str
    statements: tuple[Wording, ...]


class NotBegunError(psycopg.OperationalError):
    """The connection was lost before a transaction had done anything that lasts: all of it may be tried again."""


class Fetched:
    """What a statement gave, as a cursor would hold it."""

    __slots__ = ("_rows", "rowcount")

    def __init__(self, rows: list[Row], rowcount: int) -> None:
        self._rows = rows
        self.rowcount = rowcount

    def fetchall(self) -> list[Row]:
        return self._rows


@dataclass(slots=True)
class _Usage:
    """A statement on one connection: how often it ran, its name once it is prepared, how its rows are read."""

    uses: int = 0
    name: bytes = b""
    columns: int = 0
    reader: Any = None


class LibpqConnection(psycopg.Connection[Any]):
    """A connection that can also be asked directly. Its cursors are psycopg's."""

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self._statements: dict[bytes, _Usage] = {}
        self._named = 0
        self.locked: Locked | None = None
        # More uses than these, and a statement is prepared; None for never. psycopg itself must prepare nothing here:
        # when it forgets what is prepared, as after a rollback, it has the server forget all.
        self.threshold: int | None = None
        self._owed: Beginning | None = None
        # Set for a statement that is a transaction by itself, and sent along with it: its time limits.
        self.limits: Wording | None = None

    def owe(self, beginning: Beginning) -> None:
        """Begin a transaction with the next statement: once both are prepared, they are one exchange."""
        self._owed = beginning

    def ask(self, wording: Wording, values: Mapping[str, Any]) -> Fetched:
        """Run a statement with these values. Raises psycopg's errors; KeyError where a value is missing.

        NotBegunError where it was the first of a transaction.
        """
        parameters = [_sent(values[name]) for name in wording.order]
        locked = self.locked
        if locked:
            locked.check(wording.text)
        known = self._usage(wording)
        try:
            answer = self._read(known, self._run(known, wording, parameters))
        except psycopg.OperationalError as error:
            if locked is not None and is_table_locked(error):
                locked.note(wording.text)
            raise
        if locked:
            locked.forget(wording.text)
        return answer

    def run(self, sql: str) -> None:
        """Run statements without values and without an answer. Raises psycopg's errors."""
        self._require_done(self.pgconn.exec_(sql.encode()))

    def cursor(self, *given: Any, **options: Any) -> Any:
        self._pay()
        return super().cursor(*given, **options)

    def commit(self) -> None:
        self._owed = None
        if self.pgconn.transaction_status == TransactionStatus.INTRANS:
            self.run("COMMIT")
        else:
            super().commit()

    def rollback(self) -> None:
        self._owed = None
        # With the connection its transaction has ended, and why it was closed is told already.
        if not self.closed:
            super().rollback()

    def _pay(self) -> None:
        """Begin what is owed, in an exchange of its own. Raises psycopg's errors, NotBegunError among them."""
        if self._owed is not None:
            beginning, self._owed = self._owed, None
            with self._not_begun():
                self.run(beginning.sql)

    def _begin_with(self, statement: NamedStatement, beginning: Beginning) -> PGresult:
        with self._not_begun():
            first = [NamedStatement(self._name(each)) for each in beginning.statements]
            return ask_together(self.pgconn, [*first, statement])

    def _run_within(self, limits: Wording, known: _Usage, wording: Wording, parameters: list[Any]) -> PGresult:
        formats, prepares = wording.formats, self.threshold is not None
        first = NamedStatement(self._name(limits)) if prepares else NamedStatement(b"", text=limits.sql)
        if known.name:
            return ask_together(self.pgconn, [first, NamedStatement(known.name, parameters, formats)])
        # The limits hold for preparing it, too.
        name = self._new_name() if prepares else b""
        new = NamedStatement(name, parameters, formats, wording.sql, wording.types)
        result = ask_together(self.pgconn, [first, new])
        if result.status in DONE:
            known.name = name
        return result

    def _name(self, wording: Wording) -> bytes:
        known = self._usage(wording)
        if not known.name:
            self._prepare(known, wording)
        return known.name

    @contextmanager
    def _not_begun(self) -> Iterator[None]:
        try:
            yield
        except psycopg.OperationalError as error:
            if self.pgconn.status == ConnStatus.BAD:
                raise NotBegunError(*error.args) from error
            raise

    def _usage(self, wording: Wording) -> _Usage:
        return self._statements.get(wording.sql) or self._statements.setdefault(wording.sql, _Usage())

    def _new_name(self) -> bytes:
        self._named += 1
        return b"constant_%d" % self._named

    def _run(self, known: _Usage, wording: Wording, parameters: list[Any]) -> PGresult:
        if self.limits is not None:
            return self._run_within(self.limits, known, wording, parameters)
        if self._owed is not None and known.name:
            beginning, self._owed = self._owed, None
            return self._begin_with(NamedStatement(known.name, parameters, wording.formats), beginning)
        self._pay()
        threshold = self.threshold
        if not known.name:
            known.uses += 1
            if threshold is None or known.uses <= threshold or self._named >= MOST_PREPARED:
                if not parameters:
                    # Without a portal, whose snapshot would outlive the statement and hold up who makes an index.
                    return self.pgconn.exec_(wording.sql)
                return self.pgconn.exec_params(wording.sql, parameters, wording.types, wording.formats)
            self._prepare(known, wording)
        return self.pgconn.exec_prepared(known.name, parameters, wording.formats)

    def _prepare(self, known: _Usage, wording: Wording) -> None:
        name = self._new_name()
        self._require_done(self.pgconn.prepare(name, wording.sql, wording.types))
        known.name = name

    def _read(self, known: _Usage, result: PGresult) -> Fetched:
        if result.status != ExecStatus.TUPLES_OK:
            self._require_done(result)
            return Fetched([], result.command_tuples or 0)
        reader = known.reader = known.reader or Transformer(self)
        # The columns of a statement stay, unless it says `*`.
        reader.set_pgresult(result, set_loaders=known.columns != result.nfields)
        known.columns = result.nfields
        rows: list[Row] = reader.load_rows(0, result.ntuples, tuple)
        # Or the answer would be kept until the next one.
        reader.set_pgresult(None, set_loaders=False)
        return Fetched(rows, result.ntuples)

    def _require_done(self, result: PGresult) -> None:
        if result.status in DONE:
            return
        if self.pgconn.status == ConnStatus.BAD:
            raise psycopg.OperationalError(result.get_error_message())
        raise errors.error_from_result(result)


def _sent(value: object) -> bytes | None:
    """A value as libpq takes it. Raises DataError, TypeError."""
    if value is None:
        return None
    if isinstance(value, str):
        sent = value.encode()
        if b"\0" in sent:
            # libpq would take the text to end there.
            raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
        return sent
    if isinstance(value, bytes):
        return value
    if isinstance(value, bool):
        return b"t" if value else b"f"
    if isinstance(value, int):
        return b"%d" % value
    raise TypeError(f"a {type(value).__name__} is none of the types that statements take")
