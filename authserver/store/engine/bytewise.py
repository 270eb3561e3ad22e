"""Text by the order of its bytes, whatever order the language of a database has: only then is a prefix a range."""

from typing import Any

from sqlalchemy import ColumnElement, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

# Nothing that begins with a prefix comes after the prefix and this.
LAST = "\U0010ffff"


class bytewise(FunctionElement[str]):  # noqa: N801 - a function of SQL
    """A column as it is, to be compared and ordered so."""

    inherit_cache = True
    type = String()

    def __init__(self, column: ColumnElement[Any]) -> None:
        super().__init__(column)


class caseless(bytewise):  # noqa: N801
    """A column in lower case: of ASCII on SQLite, by the language of the database on PostgreSQL."""

    inherit_cache = True


@compiles(bytewise)
def _bytes(element: bytewise, compiler: SQLCompiler, **kwargs: Any) -> str:
    # SQLite compares bytes.
    return compiler.process(element.clauses, **kwargs)


@compiles(bytewise, "postgresql")
def _bytes_in_c(element: bytewise, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f'{compiler.process(element.clauses, **kwargs)} COLLATE "C"'


@compiles(caseless)
def _caseless(element: caseless, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"{compiler.process(element.clauses, **kwargs)} COLLATE NOCASE"


@compiles(caseless, "postgresql")
def _lower_in_c(element: caseless, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f'lower({compiler.process(element.clauses, **kwargs)}) COLLATE "C"'
