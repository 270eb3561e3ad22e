"""The migrations against the tables, alone and in a race, on both databases."""

import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from threading import Barrier

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from authserver.store.database import Database
from authserver.store.engine import by_dialect
from authserver.store.tables import metadata
from authserver.store.upkeep import indexes, lease, migrations
from tests.conftest import open_database
from tests.store.upgrade import upgrade

_COMPARED = {"compare_type": True, "include_object": indexes.can_be_compared}
_SESSION = "INSERT INTO sessions (digest, sid, sub, auth_time, amr, created_at, last_seen_at, idle, expires_at, "
_AUTHORIZATION = (
    "INSERT INTO authorizations (id, client_id, sub, sid, scope, audiences, offline, auth_time, amr, created_at, "
    "expires_at, code_digest, code_expires_at, redirect_uri, redirect_uri_given) "
    "SELECT sid, 'portal', sub, sid, '', '', true, auth_time, '', 1, 1, digest, 1, '', true FROM sessions"
)
_AUTHORIZED = text(
    "SELECT id, client_id, sub, sid, scope, offline, auth_time, expires_at, revoked_at, code_digest, code_expires_at, "
    "code_redeemed_at, redirect_uri, redirect_uri_given, resource_given, claims FROM authorizations ORDER BY id"
)
BEFORE = (
    "INSERT INTO users (sub, username, email_verified, created_at, updated_at) VALUES ('ada', 'ada', false, 1, 1)",
    "INSERT INTO user_roles (sub, role, source) "
    "VALUES ('ada', 'user', 'admin'), ('ada', 'moderator', 'provider:office')",
    f"{_SESSION} user_agent, address) VALUES ('1', 'by-password', 'ada', 5, 'pwd', 1, 1, 1, 1, '', '')",
    f"{_SESSION} user_agent, address, provider) VALUES ('2', 'by-office', 'ada', 5, '', 1, 1, 1, 1, '', '', 'office')",
    _AUTHORIZATION,
    "INSERT INTO refresh_tokens (digest, authorization_id, client_id, issued_at, expires_at) "
    "SELECT code_digest, id, 'portal', 1, 1 FROM authorizations",
)


def test_the_migrations_make_exactly_the_tables_of_the_code(database: Database) -> None:
    with database.write() as connection:
        context = MigrationContext.configure(connection, opts=_COMPARED)
        assert lease.leases.name in metadata.tables
        assert by_dialect.BESIDE_THE_TABLES[1] in metadata.tables["user_roles"].indexes
        assert compare_metadata(context, metadata) == []


def test_an_empty_database_is_not_current_until_it_is_upgraded(empty_database_url: str) -> None:
    database = open_database(empty_database_url)
    assert not migrations.schema(database).is_current
    assert migrations.upgrade(database)
    assert migrations.schema(database).is_current
    assert not migrations.upgrade(database)
    database.engine.dispose()


def test_on_the_schema_of_this_release_a_start_waits_for_nobody_who_migrates(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "PATIENCE", 0)
    monkeypatch.setattr(migrations, "PAUSE", 0)
    database, other = open_database(empty_database_url), open_database(empty_database_url)
    assert migrations.upgrade(database)
    assert not migrations.in_turn(other, lambda _connection: migrations.upgrade(database))
    database.engine.dispose()
    other.engine.dispose()


def migrate(database: Database, revision: str) -> None:
    with database.write() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(migrations.scripts()))
        command.upgrade(config, revision)


def test_what_providers_said_before_is_dated_and_limited_and_no_refresh_token_is_lost(empty_database_url: str) -> None:
    database = open_database(empty_database_url)
    migrate(database, "0006")
    with database.write() as connection:
        for fill in BEFORE:
            connection.execute(text(fill))
    assert migrations.upgrade(database)
    with database.read() as connection:
        assert connection.execute(text("SELECT sid, auth_time, completed_at FROM sessions ORDER BY sid")).all() == [
            ("by-office", None, 1),
            ("by-password", 5, 1),
        ]
        kept = text(
            "SELECT a.id, a.auth_time, a.provider FROM authorizations a "
            "JOIN refresh_tokens ON authorization_id = a.id ORDER BY a.id"
        )
        assert connection.execute(kept).all() == [("by-office", 5, "office"), ("by-password", 5, None)]
        rows = {role: end for role, end in connection.execute(text("SELECT role, expires_at FROM user_roles"))}  # noqa: C416
    database.engine.dispose()
    assert rows["user"] is None
    assert rows["moderator"] > 24 * 3600


def test_authorizations_of_before_keep_code_and_refresh_token_and_the_release_before_writes_more_of_them(
    empty_database_url: str,
) -> None:
    database = open_database(empty_database_url)
    migrate(database, "0014")
    with database.write() as connection:
        for fill in BEFORE:
            connection.execute(text(fill))
        kept = connection.execute(_AUTHORIZED).all()
        tokens = connection.execute(text("SELECT * FROM refresh_tokens ORDER BY digest")).all()
    assert migrations.upgrade(database)
    with database.write() as connection:
        assert connection.execute(_AUTHORIZED).all() == kept
        assert connection.execute(text("SELECT * FROM refresh_tokens ORDER BY digest")).all() == tokens
        connection.execute(text("DELETE FROM authorizations WHERE id = 'by-office'"))
        # What belongs to one authorization still goes with it, and what the release before writes is as it was.
        assert connection.scalar(text("SELECT count(*) FROM refresh_tokens")) == 1
        connection.execute(text(f"{_AUTHORIZATION} WHERE sid = 'by-office'"))
        asked = connection.execute(text("SELECT id, requested_by FROM authorizations ORDER BY id")).all()
    database.engine.dispose()
    assert asked == [("by-office", "browser"), ("by-password", "browser")]
    assert [len(kept), len(tokens)] == [2, 2]


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


@pytest.mark.slow
def test_of_two_processes_one_migrates_and_the_other_waits_for_it(empty_database_url: str) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert sorted(pool.map(upgrade, [empty_database_url] * 2)) == [False, True]


def test_whoever_puts_a_copy_back_knows_every_table(database: Database) -> None:
    """By itself: what else the tests have imported would hide a table that the command does not know."""
    program = "from authserver.store.upkeep.copy import _ours; print(*_ours())"
    known = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    with database.read() as connection:
        there = set(inspect(connection).get_table_names())
    assert set(known.stdout.split()) >= there
