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
* = host={host} user=postgres

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {connections}
max_client_conn = 500
"""


@contextmanager
def pooler(database_url: str) -> Iterator[str]:
    """The URL of the database through a pooler; before it stands a host on which nobody listens."""
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip("SKIPPED LOUDLY: no pgbouncer here (apt-get install pgbouncer): nothing is tried behind a pooler")
    url, port = urlsplit(database_url), free_port()
    place = url.query.removeprefix("host=")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        configuration = Path(folder) / "pgbouncer.ini"
        configuration.write_text(_CONFIGURATION.format(host=place, port=port, connections=CONNECTIONS))
        # It refuses to be root, as PostgreSQL does.
        owner = Path(place).stat().st_uid if os.getuid() == 0 else None
        with subprocess.Popen(
            [program, "--quiet", str(configuration)], user=owner, stderr=subprocess.DEVNULL
        ) as process:
            try:
                pooled = f"postgresql://postgres:@127.0.0.1:{port}{url.path}"
                eventually(lambda: _answers(pooled))
                yield pooled.replace("127.0.0.1:", f"127.0.0.1:{free_port()},127.0.0.1:")
            finally:
                process.terminate()
                process.wait(PATIENCE)


def _answers(url: str) -> bool:
    with suppress(psycopg.OperationalError), psycopg.connect(url):
        return True
    return False
