"""Statements on the driver's cursor keep the promises of SQLAlchemy's own execution."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from urllib.parse import urlsplit

import pytest
from sqlalchemy import JSON, bindparam, cast, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from authserver.store import users
from authserver.store.allowed.tables import revoked_access_tokens
from authserver.store.database import Database
from authserver.store.engine.statement import Statement
from authserver.store.engine.upsert import upsert
from authserver.store.tables import users as people
from tests.conftest import open_database

_INSERT = Statement(insert(revoked_access_tokens), columns=("jti", "expires_at"))
_FIND = Statement(select(people.c.username, people.c.email_verified).where(people.c.sub == bindparam("key")))
_VERIFY = Statement(
    update(people)
    .where(people.c.sub == bindparam("key"), people.c.email_verified.is_(False))
    .values(email_verified=True)
    .returning(people.c.email_verified, people.c.email)
)
_UNVERIFY = Statement(update(people).where(people.c.sub == bindparam("key")).values(email_verified=False))


def test_a_boolean_comes_back_as_one_from_select_and_returning(database: Database) -> None:
    with database.write() as connection:
        sub = users.add(connection, username="ada", email="ada@example.com", now=1).sub
        assert _FIND.row(connection, {"key": sub}) == ("ada", False)
        assert _VERIFY.row(connection, {"key": sub}) == (True, "ada@example.com")
        assert _VERIFY.row(connection, {"key": sub}) is None


def test_a_statement_says_how_many_rows_it_changed(database: Database) -> None:
    with database.write() as connection:
        sub = users.add(connection, username="ada", email="ada@example.com", now=1).sub
    with database.write() as connection:
        assert [_UNVERIFY.run(connection, {"key": key}) for key in (sub, "nobody")] == [1, 0]


def test_what_it_did_is_undone_with_its_transaction(database: Database) -> None:
    def fail() -> None:
        with database.write() as connection:
            _INSERT.run(connection, {"jti": "a", "expires_at": 1})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.write() as connection:
        assert _INSERT.run(connection, {"jti": "a", "expires_at": 1}) == 1


def test_a_broken_constraint_is_an_integrity_error_without_the_values(database: Database) -> None:
    row = {"jti": "secret-value", "expires_at": 987654321}

    def insert_twice() -> None:
        with database.write() as connection:
            _INSERT.run(connection, row)
            _INSERT.run(connection, row)

    with pytest.raises(IntegrityError) as error:
        insert_twice()
    assert "987654321" not in str(error.value)
    with database.write() as connection:
        assert _INSERT.run(connection, row) == 1


def test_after_a_lost_connection_every_other_one_is_made_anew(
    new_postgresql: Callable[[], str], postgresql: str
) -> None:
    url = new_postgresql()
    database = open_database(url)
    together = Barrier(4)

    def ask() -> None:
        with database.read() as connection:
            together.wait()
            _FIND.row(connection, {"key": "nobody"})

    with ThreadPoolExecutor(4) as threads:
        for each in [threads.submit(ask) for _ in range(4)]:
            each.result()
    other = open_database(postgresql)
    with other.read() as connection:
        ours = {"name": urlsplit(url).path.removeprefix("/")}
        connection.execute(text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"), ours)
    other.engine.dispose()
    for _ in range(8):
        with database.write() as connection:
            assert _FIND.row(connection, {"key": "nobody"}) is None
    database.engine.dispose()


def test_a_value_that_is_missing_is_an_error_and_never_another_value(database: Database) -> None:
    with pytest.raises((KeyError, DBAPIError)), database.read() as connection:
        _FIND.row(connection, {})


_NAMES = select(people.c.username).where(people.c.sub.in_(bindparam("subs", expanding=True)))
_FIND_MANY = Statement(_NAMES.order_by(people.c.username))
_FORGET_MANY = Statement(delete(people).where(people.c.sub.in_(bindparam("subs", expanding=True))))
_PUT = upsert(
    revoked_access_tokens,
    lambda row: row.on_conflict_do_update(index_elements=["jti"], set_={"expires_at": row.excluded.expires_at}),
)
_ENDS = Statement(select(revoked_access_tokens.c.jti, revoked_access_tokens.c.expires_at).order_by("jti"))


def test_a_value_can_be_a_list_of_any_length_at_each_call(database: Database) -> None:
    with database.write() as connection:
        subs = [users.add(connection, username=name, now=1).sub for name in ("ada", "bob", "eve")]
        assert _FIND_MANY.column(connection, {"subs": subs[:2]}) == ["ada", "bob"]
        assert _FIND_MANY.column(connection, {"subs": []}) == []
        assert _FIND_MANY.rows(connection, {"subs": subs}) == [("ada",), ("bob",), ("eve",)]
        assert _FORGET_MANY.run(connection, {"subs": subs[1:]}) == 2


def test_it_runs_with_each_of_many_values_and_not_at_all_without_any(database: Database) -> None:
    with database.write() as connection:
        _PUT.run_each(connection, [])
        _PUT.run_each(connection, [{"jti": jti, "expires_at": 1} for jti in "ab"])
        _PUT.run_each(connection, [{"jti": jti, "expires_at": 2} for jti in "bc"])
        assert _ENDS.rows(connection) == [("a", 1), ("b", 2), ("c", 2)]
        with pytest.raises(IntegrityError) as error:
            _INSERT.run_each(connection, [{"jti": "a", "expires_at": 987654321}])
    assert "987654321" not in str(error.value)


def test_a_value_is_the_first_field_and_none_where_there_is_no_row(database: Database) -> None:
    with database.write() as connection:
        assert _ENDS.value(connection) is None
        _INSERT.run(connection, {"jti": "a", "expires_at": 1})
        assert _ENDS.value(connection) == "a"


def test_an_update_that_names_no_column_sets_what_the_table_sets_at_each(database: Database) -> None:
    version = Statement(select(people.c.version))
    with database.write() as connection:
        users.add(connection, username="ada", now=1)
        assert Statement(update(people)).run(connection) == 1
        assert version.value(connection) == 2


def test_what_the_table_gives_a_new_row_is_given(database: Database) -> None:
    columns = ("sub", "username", "created_at", "updated_at")
    with database.write() as connection:
        Statement(insert(people), columns).run(connection, dict.fromkeys(columns, "1") | {"sub": "ada"})
        assert _FIND.row(connection, {"key": "ada"}) == ("1", False)


def test_a_type_that_the_drivers_would_not_take_as_it_is_is_refused_before_anything_runs(database: Database) -> None:
    with database.read() as connection, pytest.raises(TypeError, match="JSON"):
        Statement(select(cast(people.c.username, JSON))).row(connection)
