"""Connections stay open between uses, never more than there may be, and none outlives its fault."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import psycopg
import pytest
from sqlalchemy import Connection, create_engine, exc, func, select

from authserver.store.allowed.tables import revoked_access_tokens
from authserver.store.database import UNAVAILABLE, Database, engine_options, engine_url
from authserver.store.engine import connections
from tests.patience import PATIENCE, eventually
from tests.store.at_once import at_once

COUNT = select(func.count()).select_from(revoked_access_tokens)


@pytest.fixture
def narrow(database_url: str) -> Iterator[Database]:
    """A database that keeps two connections and uses four at most."""
    database = Database(create_engine(engine_url(database_url), **engine_options(database_url, pool_size=2)))
    yield database
    database.engine.dispose()


def _driver(connection: Connection) -> object:
    return connection.connection.dbapi_connection


def _insert(connection: Connection, jti: str) -> None:
    connection.execute(revoked_access_tokens.insert(), {"jti": jti, "expires_at": 1})


def test_the_connection_used_last_is_used_next(database: Database) -> None:
    used = set()
    for _ in range(3):
        with database.read() as connection:
            used.add(_driver(connection))
        with database.write() as connection:
            used.add(_driver(connection))
    assert len(used) == 1


def test_a_read_sees_what_others_commit_while_it_lasts(database: Database) -> None:
    with database.read() as reader:
        assert reader.execute(COUNT).scalar_one() == 0
        with database.write() as writer:
            _insert(writer, "a")
        assert reader.execute(COUNT).scalar_one() == 1


def test_a_connection_that_read_writes_in_a_transaction_next(database: Database) -> None:
    with database.read() as connection:
        connection.execute(COUNT)

    def fail() -> None:
        with database.write() as connection:
            _insert(connection, "a")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.read() as connection:
        assert connection.execute(COUNT).scalar_one() == 0


def test_a_statement_that_fails_leaves_the_connection_usable(database: Database) -> None:
    for use in (database.read, database.write):
        with pytest.raises(exc.DBAPIError), use() as connection:
            connection.exec_driver_sql("SELECT nonsense FROM nowhere")
        with database.read() as connection:
            assert connection.execute(COUNT).scalar_one() == 0


def test_who_comes_while_all_are_in_use_waits_for_one(narrow: Database) -> None:
    meeting = Barrier(4)

    def use(number: int) -> int:
        with narrow.read() as connection:
            if number < 4:
                meeting.wait(PATIENCE)
            return int(connection.execute(COUNT).scalar_one())

    assert at_once(use) == [0] * 16


def test_who_waits_too_long_hears_that_storage_is_unavailable(
    narrow: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "TIMEOUT", 0.01)
    with narrow.read(), narrow.read(), narrow.read(), narrow.read(), pytest.raises(UNAVAILABLE), narrow.read():
        raise AssertionError
    with narrow.read() as connection:
        assert connection.execute(COUNT).scalar_one() == 0


def test_what_was_opened_for_a_rush_is_closed_after_it(database_url: str, narrow: Database) -> None:
    if not database_url.startswith("postgresql"):
        pytest.skip("SQLite does not say who is connected")
    meeting = Barrier(4)

    def use(_number: int) -> None:
        with narrow.read() as connection:
            connection.execute(COUNT)
            meeting.wait(PATIENCE)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(use, range(4)))
    assert _connected(database_url, 2)
    narrow.engine.dispose()
    assert _connected(database_url, 0)


def test_a_connection_that_cannot_be_made_takes_no_place(tmp_path_factory: pytest.TempPathFactory) -> None:
    nowhere = f"sqlite:///{tmp_path_factory.mktemp('empty') / 'missing' / 'authserver.db'}"
    database = Database(create_engine(nowhere, **engine_options(nowhere, pool_size=1)))
    for _ in range(5):
        with pytest.raises(exc.OperationalError), database.read():
            raise AssertionError


def _connected(url: str, expected: int) -> bool:
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    # A backend ends a moment after its client has gone.
    with psycopg.connect(url, autocommit=True) as connection:
        return eventually(lambda: connection.execute(query).fetchone() == (expected,))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_host_that_says_nothing_counts_as_away_after_seconds(database: Database) -> None:
    with database.read() as connection:
        driver = connection.connection.dbapi_connection
        assert isinstance(driver, psycopg.Connection)
        asked = driver.info.get_parameters()
    waits = {name: int(asked[name]) for name in ("connect_timeout", "keepalives_idle", "keepalives_interval")}
    assert waits == {"connect_timeout": 5, "keepalives_idle": 5, "keepalives_interval": 2}
    assert (asked["tcp_user_timeout"], asked["keepalives_count"]) == ("10000", "3")
