"""The commands of docs/operations.md that take PostgreSQL back to a moment, run one after the other."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.conftest import open_database
from tests.own_postgresql import OwnPostgresql
from tests.patience import eventually
from tests.runbook import commands
from tests.store.upgrade import upgrade

_PERSON = "INSERT INTO users (sub, username, email_verified, created_at, updated_at) VALUES ('{0}', '{0}', false, 1, 1)"


class Machine(OwnPostgresql):
    """A server, and a place for its backups."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, BACKUPS=str(folder / "backups"))
        (folder / "backups").mkdir()
        self.own(folder / "backups")
        self.create()

    def people(self) -> list[str]:
        with psycopg.connect(self.url) as connection:
            return [row[0] for row in connection.execute("SELECT username FROM users ORDER BY username")]


@pytest.fixture
def machine(postgresql: str) -> Iterator[Machine]:
    """A server of its own: it is stopped and started. The other one is there for the user that runs both."""
    folder = Path(tempfile.mkdtemp(prefix="authserver-moment-"))
    machine = Machine(folder)
    yield machine
    machine.kill()
    shutil.rmtree(folder)


@pytest.mark.slow
def test_who_was_deleted_by_mistake_is_there_again_and_who_came_before_too(machine: Machine) -> None:
    begin, every_night, go_back = commands("Back to a moment")
    upgrade(machine.url)
    machine.run(begin)
    machine.do(_PERSON.format("ada"))
    machine.run(every_night)
    machine.do(_PERSON.format("bob"))
    moment = str(machine.value("SELECT clock_timestamp()::text"))
    machine.do("DELETE FROM users")
    assert machine.people() == []
    machine.run(go_back, MOMENT=moment)
    eventually(lambda: machine.value("SELECT pg_is_in_recovery()") is False)
    assert machine.people() == ["ada", "bob"]
    database = open_database(machine.url)
    with database.write() as connection:
        connection.exec_driver_sql(_PERSON.format("eve"))
    database.engine.dispose()
