"""A connection that died while nobody used it costs a caller nothing."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import psycopg
import pytest
from sqlalchemy import Connection, func, insert, select, text
from sqlalchemy.exc import OperationalError

from authserver import store
from authserver.store.allowed.tables import revoked_access_tokens
from authserver.store.database import Database
from authserver.store.engine import connections
from authserver.store.engine.statement import Statement
from tests.patience import eventually

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
Use = Callable[[Database], AbstractContextManager[Connection]]
_OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
_COUNT = Statement(select(func.count()).select_from(revoked_access_tokens))
_INSERT = Statement(insert(revoked_access_tokens), columns=("jti", "expires_at"))


@pytest.fixture
def kill(database: Database, database_url: str) -> Iterator[Callable[[], None]]:
    """End what the database has of our connections, as a restart, a failover or a pooler's patience does."""
    with psycopg.connect(database_url, autocommit=True) as other:

        def kill() -> None:
            other.execute(f"SELECT pg_terminate_backend(pid) {_OTHERS}".encode())
            eventually(lambda: other.execute(f"SELECT count(*) {_OTHERS}".encode()).fetchone() == (0,))

        with database.read(), database.read():
            pass
        yield kill


@pytest.mark.parametrize("use", [Database.read, Database.write, Database.write_one])
def test_a_connection_that_died_idle_is_not_given_to_anybody(
    database: Database, kill: Callable[[], None], use: Use
) -> None:
    kill()
    with use(database) as connection:
        assert _INSERT.run(connection, {"jti": "a", "expires_at": 1}) == 1
    with database.read() as connection:
        assert _COUNT.row(connection, {}) == (1,)


@pytest.mark.parametrize("use", [Database.read, Database.write])
def test_the_first_statement_is_tried_again_when_the_end_is_seen_only_then(
    database: Database, kill: Callable[[], None], use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_has_ended", lambda _connection: False)
    kill()
    with use(database) as connection:
        assert _COUNT.row(connection, {}) == (0,)


def test_what_writes_by_itself_is_not_tried_again_for_it_may_have_been_done(
    database: Database, kill: Callable[[], None]
) -> None:
    with database.write_one() as connection:
        kill()
        with pytest.raises(OperationalError):
            _INSERT.run(connection, {"jti": "a", "expires_at": 1})
    with database.read() as connection:
        assert _COUNT.row(connection, {}) == (0,)


def test_a_transaction_that_lost_its_connection_half_way_is_not_tried_again(
    database: Database, kill: Callable[[], None]
) -> None:
    def lose() -> None:
        with database.write() as connection:
            _INSERT.run(connection, {"jti": "a", "expires_at": 1})
            kill()
            _COUNT.row(connection, {})

    with pytest.raises(OperationalError):
        lose()
    with database.read() as connection:
        assert _COUNT.row(connection, {}) == (0,)


def test_no_statement_that_changes_something_passes_for_one_that_only_reads(database: Database) -> None:
    changing = 0
    with database.read() as connection:
        for found in pkgutil.walk_packages(store.__path__, "authserver.store."):
            for each in vars(importlib.import_module(found.name)).values():
                if isinstance(each, Statement):
                    compiled = each.compiled(connection)
                    changes = any(word in f" {compiled.sql} " for word in ("INSERT INTO", "UPDATE ", "DELETE FROM"))
                    changes &= not compiled.sql.endswith("FOR UPDATE")
                    changing += changes
                    assert not (changes and compiled.only_reads), compiled.sql
    assert changing > 5


def test_connections_of_dead_servers_keep_no_place(database: Database, kill: Callable[[], None]) -> None:
    for _ in range(3):
        kill()
        with database.read() as connection:
            connection.execute(text("SELECT 1"))
