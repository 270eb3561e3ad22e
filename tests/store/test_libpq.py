"""Statements that libpq is given directly: what psycopg's cursors promise, they keep."""

from types import ModuleType
from typing import Any, cast

import pytest
from sqlalchemy import BigInteger, Boolean, ColumnElement, Connection, LargeBinary, String, bindparam, select, text
from sqlalchemy.exc import DataError, ProgrammingError

from authserver.store import requests
from authserver.store.allowed import access_tokens, authorizations, codes, device_codes, refresh_tokens
from authserver.store.database import Database
from authserver.store.engine import libpq
from authserver.store.engine.libpq import LibpqConnection
from authserver.store.engine.statement import Statement

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
_VALUES: tuple[ColumnElement[Any], ...] = (
    bindparam("words", type_=String),
    bindparam("number", type_=BigInteger),
    bindparam("yes", type_=Boolean),
    bindparam("bytes", type_=LargeBinary),
)
_ECHO = Statement(select(*_VALUES))
_PREPARED = Statement(text("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'constant%'"))


def driver_of(connection: Connection) -> LibpqConnection:
    return cast("LibpqConnection", connection.connection.dbapi_connection)


@pytest.mark.parametrize(
    "row",
    [
        ("", 0, False, b""),
        ("Zoë \N{GRINNING FACE} 100 % 'quoted' $1 \\x41", -(2**63), True, b"\0\xff\\x41"),
        (None, None, None, None),
        ("longer than a page " * 1000, 2**63 - 1, True, bytes(range(256)) * 100),
    ],
)
def test_values_come_back_as_they_were_given(database: Database, row: tuple[object, ...]) -> None:
    values = dict(zip(("words", "number", "yes", "bytes"), row, strict=True))
    with database.read() as connection:
        # Before it is prepared, and after.
        assert [_ECHO.row(connection, values) for _ in range(8)] == [row] * 8


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1])
def test_a_number_past_its_column_is_refused_and_the_connection_goes_on(database: Database, number: int) -> None:
    values = {"words": "", "number": number, "yes": True, "bytes": b""}
    with database.read() as connection:
        with pytest.raises(DataError):
            _ECHO.row(connection, values)
        assert _ECHO.row(connection, {**values, "number": 1}) == ("", 1, True, b"")


def test_a_text_with_nul_is_refused_rather_than_cut(database: Database) -> None:
    with database.read() as connection, pytest.raises(DataError):
        _ECHO.row(connection, {"words": "ada\0admin", "number": 1, "yes": True, "bytes": b""})


def test_what_is_no_text_number_boolean_or_bytes_is_refused(database: Database) -> None:
    with database.read() as connection, pytest.raises(TypeError):
        _ECHO.row(connection, {"words": "", "number": 1.5, "yes": True, "bytes": b""})


@pytest.mark.parametrize(("threshold", "prepared"), [(None, 0), (0, 1), (5, 1), (20, 0)])
def test_a_statement_is_prepared_once_it_ran_more_often_than_the_url_says(
    database: Database, threshold: int | None, prepared: int
) -> None:
    values = {"words": "", "number": 1, "yes": True, "bytes": b""}
    with database.read() as connection:
        driver_of(connection).threshold = threshold
        for _ in range(10):
            _ECHO.row(connection, values)
        driver_of(connection).threshold = None
        assert _PREPARED.value(connection) == prepared


def test_what_is_prepared_outlives_a_rollback(database: Database) -> None:
    values = {"words": "", "number": 1, "yes": True, "bytes": b""}

    def fail() -> None:
        with database.write() as connection:
            for _ in range(10):
                _ECHO.row(connection, values)
            raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            fail()
    with database.read() as connection:
        assert _ECHO.row(connection, values) == ("", 1, True, b"")


def test_no_more_are_prepared_than_the_server_has_memory_for(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libpq, "MOST_PREPARED", 3)
    with database.read() as connection:
        driver_of(connection).threshold = 0
        for number in range(10):
            assert Statement(text(f"SELECT {number}")).value(connection) == number
        driver_of(connection).threshold = None
        assert _PREPARED.value(connection) == 3


def test_a_table_that_gained_a_column_is_read_with_it(database: Database) -> None:
    everything = Statement(text("SELECT * FROM growing"))
    with database.read() as connection:
        Statement(text("CREATE TEMPORARY TABLE growing AS SELECT 1 AS a")).run(connection)
        assert everything.rows(connection) == [(1,)]
        Statement(text("ALTER TABLE growing ADD COLUMN b text DEFAULT 'new'")).run(connection)
        assert everything.rows(connection) == [(1, "new")]


def test_a_refusal_within_a_transaction_undoes_it_and_the_next_one_begins_anew(database: Database) -> None:
    def fail() -> None:
        with database.write() as connection:
            Statement(text("CREATE TABLE half_done (a int)")).run(connection)
            Statement(text("SELECT 1 FROM nothing_of_that_name")).run(connection)

    with pytest.raises(ProgrammingError):
        fail()
    with database.write() as connection:
        assert Statement(text("SELECT to_regclass('half_done') IS NULL")).value(connection) is True


@pytest.mark.parametrize("module", [access_tokens, authorizations, codes, device_codes, refresh_tokens, requests])
def test_whatever_a_token_or_a_code_takes_goes_without_a_cursor(database: Database, module: ModuleType) -> None:
    statements = {name: each for name, each in vars(module).items() if isinstance(each, Statement)}
    with database.read() as connection:
        by_cursor = {name for name, each in statements.items() if each.compiled(connection).wording is None}
    # What is removed some at a time is nobody's request.
    assert by_cursor <= {"_DELETE_EXPIRED"}
    assert by_cursor < set(statements)
