"""`/readyz` proves that something can be written: whatever can only be read is not ready."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import event, text

from authserver import health
from authserver.health import Readiness
from authserver.store.database import Database, pooled
from authserver.store.engine.limits import Limits
from authserver.store.upkeep import writable
from tests.conftest import open_database
from tests.patience import PATIENCE

READ_ONLY = {"sqlite": "PRAGMA query_only = ON", "postgresql": "SET default_transaction_read_only = on"}
# The disk takes not a byte more than it has: what a file larger than allowed is told is what a full disk tells.
FULL_DISK = """
import resource, sys
from pathlib import Path
from sqlalchemy import text
from authserver.store.upkeep import writable
from tests.conftest import open_database
path = Path(sys.argv[1])
database = open_database(f"sqlite:///{path}")
writable.prove(database)
with database.write() as connection:
    connection.execute(text("CREATE TABLE ballast (bytes BLOB)"))
    connection.execute(text("INSERT INTO ballast VALUES (zeroblob(400000))"))
full = path.with_name(path.name + "-wal").stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (full, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
try:
    writable.prove(database)
except Exception as error:
    print(type(error).__name__)
with database.read() as connection:
    print(connection.execute(text("SELECT count(*) FROM ballast")).scalar())
"""


@pytest.fixture
def server(database: Database) -> Any:
    """What readiness asks of a server, with a real database."""
    registry, settings = SimpleNamespace(version="v"), SimpleNamespace(redis_url=None)
    keys = SimpleNamespace(algs=("RS256",), age=lambda: 0)
    server = SimpleNamespace(registry=registry, settings=settings, keys=keys, warnings={}, database=database)
    server.is_draining = lambda: False
    return server


def only_read(database: Database) -> None:
    """Every connection from now on is one to a database that can be read alone, such as a standby."""
    statement = READ_ONLY[database.engine.dialect.name]
    event.listen(database.engine, "connect", lambda connection, _: connection.execute(statement).close())
    database.engine.dispose()


def test_a_database_that_can_only_be_read_is_not_ready_and_then_is_again(
    server: Any, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "WRITE_ANSWERS_FOR", 0.0)
    probe = Readiness(server)
    assert probe.report()[0] == 200
    writing = server.database
    server.database = open_database(database_url)
    only_read(server.database)
    status, body = probe.report()
    assert (status, body["status"]) == (503, "unavailable")
    assert body["checks"] == {"database": "ok", "writes": "failed", "migrations": "ok", "keys": "ok"}
    server.database.engine.dispose()
    server.database = writing
    assert probe.report()[0] == 200


def test_probes_that_follow_write_once(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    writes: list[Database] = []
    monkeypatch.setattr(health, "WRITE_ANSWERS_FOR", 3600.0)
    monkeypatch.setattr(writable, "prove", writes.append)
    probe = Readiness(server)
    assert [probe.report()[0] for _ in range(20)] == [200] * 20
    assert len(writes) == 1


def test_a_proof_leaves_nothing_behind(database: Database) -> None:
    sizes = {"sqlite": "PRAGMA page_count", "postgresql": "SELECT pg_total_relation_size('leases') / 8192"}

    def pages() -> int:
        with database.read() as connection:
            return int(connection.execute(text(sizes[connection.dialect.name])).scalar_one())

    writable.prove(database)
    before = pages()
    for _ in range(500):
        writable.prove(database)
    # PostgreSQL makes room in the same page again, at the latest in a second one.
    assert pages() <= before + 2


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_migration_under_way_does_not_make_the_others_unready(database: Database, database_url: str) -> None:
    limited = pooled(database_url, 1, Limits(PATIENCE, 0.05))
    with database.write() as migrating:
        # Between its first step and its last, which may take long.
        migrating.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        writable.prove(limited)
        migrating.rollback()
    limited.engine.dispose()


@pytest.mark.skipif(sys.platform != "linux", reason="what a process may write is bounded as Linux bounds it")
def test_on_a_full_disk_the_proof_fails_while_reads_go_on(sqlite_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "full.db"
    path.write_bytes(sqlite_template.read_bytes())
    ran = subprocess.run([sys.executable, "-c", FULL_DISK, str(path)], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["OperationalError", "1"]
