"""The migrations against the tables, alone and in a race, on both databases."""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from threading import Barrier

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from authserver.store import migrations
from authserver.store.database import Database
from authserver.store.tables import db
from tests.conftest import open_database
from tests.store.upgrade import upgrade


def test_the_migrations_make_exactly_the_tables_of_the_code(database: Database) -> None:
    with database.write() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_an_empty_database_is_not_current_until_it_is_upgraded(empty_database_url: str) -> None:
    database = open_database(empty_database_url)
    assert not migrations.is_current(database)
    assert migrations.upgrade(database)
    assert migrations.is_current(database)
    assert not migrations.upgrade(database)
    database.engine.dispose()


def test_a_new_database_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'new.db'}")
    migrations.upgrade(database)
    with database.write() as connection:
        connection.exec_driver_sql("DELETE FROM users")
        modes = {file.name: oct(file.stat().st_mode & 0o777) for file in tmp_path.iterdir()}
    database.engine.dispose()
    assert modes == dict.fromkeys(("new.db", "new.db-wal", "new.db-shm"), "0o600")


def test_the_newest_revision_by_file_name_is_the_one_head() -> None:
    assert ScriptDirectory(str(migrations.scripts())).get_heads() == [migrations.head()]


def test_of_eight_threads_one_migrates_and_the_others_wait_for_it(empty_database_url: str) -> None:
    barrier = Barrier(8)

    def start(_: int) -> bool:
        barrier.wait()
        return upgrade(empty_database_url)

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(start, range(8))) == [False] * 7 + [True]


def test_of_two_processes_one_migrates_and_the_other_waits_for_it(empty_database_url: str) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert sorted(pool.map(upgrade, [empty_database_url] * 2)) == [False, True]
