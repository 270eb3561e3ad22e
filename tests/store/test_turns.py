"""Writers of one process take turns instead of polling SQLite for its lock."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import exc, select

from authserver.store import database as module
from authserver.store.allowed.tables import revoked_access_tokens
from authserver.store.database import UNAVAILABLE, Database
from tests.conftest import open_database
from tests.patience import PATIENCE


@pytest.fixture
def sqlite(tmp_path: Path, sqlite_template: Path) -> Iterator[Database]:
    (tmp_path / "authserver.db").write_bytes(sqlite_template.read_bytes())
    database = open_database(f"sqlite:///{tmp_path / 'authserver.db'}")
    yield database
    database.engine.dispose()


def test_every_writer_has_its_turn(database: Database) -> None:
    def write(number: int) -> None:
        with database.write() as connection:
            connection.execute(revoked_access_tokens.insert(), {"jti": str(number), "expires_at": number})

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(write, range(200)))
    with database.read() as connection:
        assert len(connection.execute(select(revoked_access_tokens)).all()) == 200


def test_a_turn_ends_with_an_exception(sqlite: Database) -> None:
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), sqlite.write():
            raise ZeroDivisionError


def test_who_gets_no_turn_in_time_hears_that_storage_is_unavailable(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BUSY_TIMEOUT_MS", 20)
    is_writing, may_end = Event(), Event()

    def write_long() -> None:
        with sqlite.write():
            is_writing.set()
            may_end.wait(PATIENCE)

    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(write_long)
        is_writing.wait(PATIENCE)
        with pytest.raises(exc.TimeoutError) as error, sqlite.write():
            raise AssertionError
        may_end.set()
        first.result()
    assert isinstance(error.value, UNAVAILABLE)
    with sqlite.read() as connection:
        assert connection.execute(select(revoked_access_tokens)).all() == []
