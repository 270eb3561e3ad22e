"""PgBouncer in transaction mode, as Debian packages it, before a PostgreSQL of the tests."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.patience import PATIENCE, eventually
from tests.ports import free_port

# So few that two transactions of one client rarely meet the same connection.
CONNECTIONS = 3
_CONFIGURATION = """[databases]
* = {place} user=postgres

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {connections}
max_client_conn = 500
"""


class Pooler:
    """A pooler in a folder that anyone may read, before the server at `place`, which is written as libpq's are."""

    def __init__(self, folder: Path, place: str, owner: int, connections: int = CONNECTIONS) -> None:
        found = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
        if found is None:
            pytest.skip("SKIPPED LOUDLY: no pgbouncer here (apt-get install pgbouncer): no pooler is tried")
        self.port = free_port()
        configuration = folder / "pgbouncer.ini"
        configuration.write_text(_CONFIGURATION.format(place=place, port=self.port, connections=connections))
        self._command = [found, "--quiet", str(configuration)]
        # It refuses to be root, as PostgreSQL does.
        self._user = owner if os.getuid() == 0 else None
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, database: str) -> str:
        """The URL of this database through the pooler."""
        return f"postgresql://postgres:@127.0.0.1:{self.port}/{database}"

    def start(self, database: str = "postgres") -> None:
        """Start it, and wait until it leads to the database."""
        self._process = subprocess.Popen(self._command, user=self._user, stderr=subprocess.DEVNULL)
        eventually(lambda: _answers(self.url(database)))

    def stop(self) -> None:
        """End it, and every connection through it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE)
            self._process = None


@contextmanager
def pooler(database_url: str) -> Iterator[str]:
    """The URL of the database through a pooler; before it stands a host on which nobody listens."""
    url = urlsplit(database_url)
    socket, database = url.query.removeprefix("host="), url.path.removeprefix("/")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        pooler = Pooler(Path(folder), f"host={socket}", Path(socket).stat().st_uid)
        try:
            pooler.start(database)
            yield pooler.url(database).replace("127.0.0.1:", f"127.0.0.1:{free_port()},127.0.0.1:")
        finally:
            pooler.stop()


def _answers(url: str) -> bool:
    with suppress(psycopg.OperationalError), psycopg.connect(url):
        return True
    return False
