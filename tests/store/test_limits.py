"""What hangs in PostgreSQL: nothing waits for it long, and what needs it not goes on."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as StorageTimeoutError

from authserver.store.database import UNAVAILABLE, Database, engine_options, engine_url
from authserver.store.engine import locked
from authserver.store.engine.limits import Limits
from authserver.store.upkeep import cleanup, migrations
from tests.conftest import open_database
from tests.patience import PATIENCE, eventually
from tests.postgresql import created
from tests.store.test_migrations import migrate

LONG = 10_000.0
_TIMEOUTS = text("SELECT current_setting('statement_timeout'), current_setting('lock_timeout')")
_USERS = text("SELECT count(*) FROM users")
_EVENTS = text("SELECT count(*) FROM events")


@pytest.fixture
def database_url(new_postgresql: object) -> str:
    url: str = new_postgresql()  # type: ignore[operator]
    return url


@pytest.fixture
def limited(database_url: str) -> Iterator[Database]:
    """A database whose locks are waited for briefly."""
    database = Database(
        create_engine(engine_url(database_url), **engine_options(database_url, pool_size=2)), Limits(LONG, 0.05)
    )
    yield database
    database.engine.dispose()


@pytest.fixture
def holder(database_url: str) -> Iterator[psycopg.Connection]:
    """Somebody else, who holds a table for as long as the test wants."""
    with psycopg.connect(database_url) as connection:
        yield connection
        connection.rollback()


def test_a_begin_that_is_cut_short_leaves_nobody_in_a_broken_transaction(
    limited: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as cut:
        cut.setattr(limited._postgresql, "_begin", "BEGIN; SELECT 1 / 0")
        with pytest.raises(DBAPIError), limited.write():
            pass
    with limited.write() as connection:
        assert connection.execute(_USERS).scalar() == 0


def test_every_connection_and_every_transaction_has_its_limits(database_url: str) -> None:
    database = Database(
        create_engine(engine_url(database_url), **engine_options(database_url, pool_size=1)), Limits(5, 2)
    )
    with database.read() as connection:
        assert connection.execute(_TIMEOUTS).one() == ("5s", "2s")
    with database.write(is_brief=True) as connection:
        assert connection.execute(_TIMEOUTS).one() == ("1250ms", "500ms")
    with database.write() as connection:
        assert connection.execute(_TIMEOUTS).one() == ("5s", "2s")
    database.engine.dispose()


def test_of_many_who_need_a_locked_table_one_waits_and_the_others_hear_it_at_once(
    limited: Database, holder: "psycopg.Connection", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locked, "PAUSE", LONG)
    holder.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
    with limited.read() as connection, pytest.raises(OperationalError, match="lock timeout"):
        connection.execute(_USERS)
    for _ in range(50):
        with limited.read() as connection, pytest.raises(StorageTimeoutError, match="locked"):
            connection.execute(_USERS)
        with limited.read() as connection:
            assert connection.execute(_EVENTS).scalar_one() == 0


def test_once_the_table_is_free_everybody_goes_on(
    limited: Database, holder: "psycopg.Connection", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locked, "PAUSE", 0.0)
    holder.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")

    def count(_number: int) -> object:
        try:
            with limited.read() as connection:
                return connection.execute(_USERS).scalar_one()
        except UNAVAILABLE:
            return None

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(count, range(32))) == {None}
        holder.rollback()
        assert set(pool.map(count, range(32))) == {0}


def test_a_locked_row_holds_up_nobody_who_wants_another_one(
    limited: Database, holder: "psycopg.Connection", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locked, "PAUSE", LONG)
    lock = text("SELECT task FROM leases WHERE task = :task FOR UPDATE")
    with limited.write() as connection:
        connection.execute(text("INSERT INTO leases (task, holder, until) VALUES ('a', '', 0), ('b', '', 0)"))
    holder.execute("SELECT * FROM leases WHERE task = 'a' FOR UPDATE")
    with pytest.raises(OperationalError, match="lock timeout"), limited.write() as connection:
        connection.execute(lock, {"task": "a"})
    with limited.write() as connection:
        assert connection.execute(lock, {"task": "b"}).scalar_one() == "b"


def test_a_locked_table_keeps_no_other_from_being_cleaned(limited: Database, holder: "psycopg.Connection") -> None:
    with limited.write() as connection:
        connection.execute(text("INSERT INTO revoked_access_tokens (jti, expires_at) VALUES ('a', 1)"))
    holder.execute("LOCK TABLE sessions, links IN ACCESS EXCLUSIVE MODE")
    assert cleanup.delete_expired(limited, 2, 1, lambda _took: True) == {"revoked_access_tokens": 1}


def test_a_migration_that_waits_for_a_table_does_not_hold_up_those_who_read_it(
    postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = created(postgresql)
    database = open_database(url)
    migrate(database, "0013")
    monkeypatch.setattr(migrations, "PAUSE", 0.05)
    with psycopg.connect(url) as dump, psycopg.connect(url, autocommit=True) as reader, ThreadPoolExecutor(1) as pool:
        # As pg_dump does, and for as long as it takes.
        dump.execute("LOCK TABLE sessions IN ACCESS SHARE MODE")
        reader.execute(f"SET statement_timeout = '{PATIENCE:.0f}s'".encode())
        migrating = pool.submit(migrations.upgrade, database)
        waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'sessions'::regclass"
        eventually(lambda: reader.execute(waits.encode()).fetchone() != (0,))
        for _ in range(3):
            reader.execute("SELECT count(*) FROM sessions")
        dump.rollback()
        assert migrating.result(PATIENCE)
    assert migrations.schema(database).is_current
    database.engine.dispose()
