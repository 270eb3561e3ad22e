"""A brief transaction on PostgreSQL begins with its first statement: one exchange, and each promise as it was."""

import select as sockets
from collections.abc import Callable, Iterator
from typing import NoReturn, cast

import psycopg
import pytest
from psycopg.pq import PipelineStatus, TransactionStatus
from sqlalchemy import Connection, String, bindparam, create_engine, delete, func, insert, select, text
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as StorageTimeoutError

from authserver.store.allowed.tables import revoked_access_tokens
from authserver.store.database import Database, engine_options, engine_url
from authserver.store.engine import connections, locked, together
from authserver.store.engine.libpq import LibpqConnection
from authserver.store.engine.limits import Limits
from authserver.store.engine.statement import Statement
from tests.patience import eventually

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
LONG = 3600
_table = revoked_access_tokens.c
_COUNT = Statement(select(func.count()).select_from(revoked_access_tokens))
_INSERT = Statement(insert(revoked_access_tokens), columns=("jti", "expires_at"))
_SHOW = Statement(text("SELECT current_setting('statement_timeout'), current_setting('lock_timeout')"))
_ECHO = Statement(select(bindparam("words", type_=String)))
_OF_LIST = Statement(delete(revoked_access_tokens).where(_table.jti.in_(bindparam("some", expanding=True))))
_OTHERS = b"FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
ROW = {"jti": "a", "expires_at": 1}


@pytest.fixture
def other(database_url: str) -> Iterator["psycopg.Connection"]:
    """Somebody else, who looks at our connections and ends them."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture(params=[False, True], ids=["at first", "once prepared"])
def ready(database: Database, request: pytest.FixtureRequest) -> Database:
    """A database of one connection, on which the statements are new, or prepared."""
    with database.write() as connection:
        driver_of(connection).threshold = 0 if request.param else None
        _INSERT.run(connection, ROW | {"jti": "earlier"})
        for each in (_COUNT, _SHOW):
            each.row(connection)
        _ECHO.row(connection, {"words": ""})
    return database


def driver_of(connection: Connection) -> LibpqConnection:
    return cast("LibpqConnection", connection.connection.dbapi_connection)


def kill(other: "psycopg.Connection") -> None:
    other.execute(b"SELECT pg_terminate_backend(pid) " + _OTHERS)
    eventually(lambda: other.execute(b"SELECT count(*) " + _OTHERS).fetchone() == (0,))


def states(other: "psycopg.Connection") -> list[str]:
    return [state for (state,) in other.execute(b"SELECT state " + _OTHERS).fetchall()]


def kept(database: Database) -> int:
    with database.read() as connection:
        pgconn = driver_of(connection).pgconn
        assert (pgconn.pipeline_status, pgconn.transaction_status) == (PipelineStatus.OFF, TransactionStatus.IDLE)
        return cast("int", _COUNT.value(connection))


def test_nothing_is_sent_before_it(ready: Database, other: "psycopg.Connection") -> None:
    with ready.write(is_brief=True) as connection:
        assert states(other) == ["idle"]
        _INSERT.run(connection, ROW)
        assert states(other) == ["idle in transaction"]
        assert kept_by(other) == 1
    assert kept(ready) == 2


def kept_by(other: "psycopg.Connection") -> int:
    row = other.execute("SELECT count(*) FROM revoked_access_tokens").fetchone()
    assert row is not None
    return int(row[0])


def test_a_transaction_that_does_nothing_leaves_nothing_to_the_next(ready: Database) -> None:
    with ready.write(is_brief=True):
        pass
    with ready.read() as connection:
        _INSERT.run(connection, ROW)
    # It was by itself, and is not undone by whoever comes next.
    with pytest.raises(ZeroDivisionError), ready.write(is_brief=True):
        raise ZeroDivisionError
    assert kept(ready) == 2


@pytest.mark.parametrize("threshold", [None, 0])
def test_the_short_limits_hold_from_the_first_statement_on_and_no_longer(
    database_url: str, threshold: int | None
) -> None:
    database = Database(
        create_engine(engine_url(database_url), **engine_options(database_url, pool_size=1)), Limits(5, 2)
    )
    with database.read() as connection:
        driver_of(connection).threshold = threshold
    for _ in range(3):
        with database.write(is_brief=True) as connection:
            assert [_SHOW.row(connection), _SHOW.row(connection)] == [("1250ms", "500ms")] * 2
        with database.write_one(is_brief=True) as connection:
            assert _SHOW.row(connection) == ("1250ms", "500ms")
        with database.read() as connection:
            assert _SHOW.row(connection) == ("5s", "2s")
    database.engine.dispose()


def test_a_locked_table_is_waited_for_briefly_by_one_and_by_the_others_not_at_all(
    database_url: str, other: "psycopg.Connection", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locked, "PAUSE", LONG)
    limits = Limits(LONG, LONG)
    monkeypatch.setattr(Limits, "brief", lambda _: Limits(LONG, 0.05))
    database = Database(create_engine(engine_url(database_url), **engine_options(database_url, pool_size=1)), limits)
    with database.read() as connection:
        driver_of(connection).threshold = 0
        _INSERT.run(connection, ROW)
    with other.transaction():
        other.execute("LOCK TABLE revoked_access_tokens IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(OperationalError, match="lock timeout"), database.write(is_brief=True) as connection:
            _INSERT.run(connection, ROW | {"jti": "b"})
        for _ in range(5):
            with pytest.raises(StorageTimeoutError, match="locked"), database.write(is_brief=True) as connection:
                _INSERT.run(connection, ROW | {"jti": "b"})
    assert kept(database) == 1
    database.engine.dispose()


def test_a_connection_that_died_idle_costs_nothing_when_only_the_statement_sees_it(
    ready: Database, other: "psycopg.Connection", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_has_ended", lambda _connection: False)
    kill(other)
    with ready.write(is_brief=True) as connection:
        assert _INSERT.run(connection, ROW) == 1
        assert _COUNT.value(connection) == 2
        assert kept_by(other) == 1
    assert kept(ready) == 2


@pytest.mark.parametrize("how", ["run", "run_each", "list"])
def test_a_connection_that_dies_before_the_statement_costs_nothing(
    ready: Database, other: "psycopg.Connection", how: str
) -> None:
    uses: dict[str, Callable[[Connection], object]] = {
        "run": lambda connection: _INSERT.run(connection, ROW),
        "run_each": lambda connection: _INSERT.run_each(connection, [ROW]),
        "list": lambda connection: _OF_LIST.run(connection, {"some": ["earlier"]}),
    }
    with ready.write(is_brief=True) as connection:
        kill(other)
        uses[how](connection)
        assert kept_by(other) == 1
    assert kept(ready) == {"run": 2, "run_each": 2, "list": 0}[how]


def test_what_died_after_its_first_statement_is_not_tried_again(ready: Database, other: "psycopg.Connection") -> None:
    def lose() -> None:
        with ready.write(is_brief=True) as connection:
            _INSERT.run(connection, ROW)
            kill(other)
            _INSERT.run(connection, ROW | {"jti": "b"})

    with pytest.raises(OperationalError):
        lose()
    assert kept(ready) == 1


def test_a_commit_that_fails_is_told_and_nothing_is_kept(ready: Database, other: "psycopg.Connection") -> None:
    def lose() -> None:
        with ready.write(is_brief=True) as connection:
            _INSERT.run(connection, ROW)
            kill(other)

    with pytest.raises(OperationalError):
        lose()
    assert kept(ready) == 1


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"jti": "earlier", "expires_at": 1}, IntegrityError),
        ({"jti": "a", "expires_at": 2**63}, DataError),
        ({"jti": "a\0", "expires_at": 1}, DataError),
        ({"jti": "a"}, KeyError),
    ],
)
def test_a_first_statement_that_is_refused_undoes_the_transaction_and_keeps_the_connection(
    ready: Database, given: dict[str, object], expected: type[Exception]
) -> None:
    def fail() -> None:
        with ready.write(is_brief=True) as connection:
            used.append(driver_of(connection))
            _INSERT.run(connection, given)

    used: list[LibpqConnection] = []
    with pytest.raises(expected):
        fail()
    assert kept(ready) == 1
    with ready.write(is_brief=True) as connection:
        assert driver_of(connection) is used[0]
        _INSERT.run(connection, ROW)
    assert kept(ready) == 2


def test_what_is_refused_after_it_is_undone(ready: Database) -> None:
    def refuse() -> None:
        with ready.write(is_brief=True) as connection:
            _INSERT.run(connection, ROW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        refuse()
    assert kept(ready) == 1


def test_more_than_the_network_takes_at_once_goes_and_comes_whole(ready: Database) -> None:
    words = "Zoë " * 2_000_000
    with ready.write(is_brief=True) as connection:
        assert _ECHO.value(connection, {"words": words}) == words


def test_whoever_is_interrupted_while_waiting_leaves_the_connection_to_nobody(
    ready: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted:
        def register(self, *_: object) -> None: ...

        def poll(self) -> NoReturn:
            raise KeyboardInterrupt

    def insert() -> None:
        with ready.write(is_brief=True) as connection:
            _INSERT.run(connection, ROW)

    with ready.read() as connection:
        if driver_of(connection).threshold is None:
            pytest.skip("what is not prepared is waited for by libpq")
    monkeypatch.setattr(together, "select", type("Sockets", (), {"POLLIN": sockets.POLLIN, "poll": Interrupted}))
    with pytest.raises(KeyboardInterrupt):
        insert()
    monkeypatch.undo()
    assert kept(ready) == 1


def test_one_statement_by_itself_is_kept_before_its_block_ends_whatever_comes_after(
    ready: Database, other: "psycopg.Connection"
) -> None:
    def fail() -> None:
        with ready.write_one(is_brief=True) as connection:
            assert _INSERT.run(connection, ROW) == 1
            assert (kept_by(other), states(other)) == (2, ["idle"])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert kept(ready) == 2


def test_one_statement_by_itself_that_is_refused_keeps_nothing_and_the_connection_goes_on(ready: Database) -> None:
    for _ in range(2):
        with pytest.raises(IntegrityError), ready.write_one(is_brief=True) as connection:
            _INSERT.run(connection, {"jti": "earlier", "expires_at": 1})
        assert kept(ready) == 1
    with ready.write_one(is_brief=True) as connection:
        _INSERT.run(connection, ROW)
    assert kept(ready) == 2


def test_one_statement_by_itself_is_not_tried_again_for_it_may_have_been_done(
    ready: Database, other: "psycopg.Connection"
) -> None:
    with ready.write_one(is_brief=True) as connection:
        kill(other)
        with pytest.raises(OperationalError):
            _INSERT.run(connection, ROW)
    assert kept(ready) == 1


def test_what_fails_only_at_its_commit_is_told(ready: Database, other: "psycopg.Connection") -> None:
    other.execute("CREATE TABLE chosen (jti text REFERENCES revoked_access_tokens DEFERRABLE INITIALLY DEFERRED)")
    chosen = Statement(text("INSERT INTO chosen VALUES ('nobody')"))
    try:
        with pytest.raises(IntegrityError), ready.write_one(is_brief=True) as connection:
            chosen.run(connection)
        assert kept(ready) == 1
    finally:
        other.execute("DROP TABLE chosen")
