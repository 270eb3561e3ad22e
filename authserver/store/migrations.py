"""Bring a database to the schema of this release, once, however many processes start at the same time."""

import os
from contextlib import suppress
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from authserver.store.database import Database

ADVISORY_LOCK = 0x61757468_73657276
_LOCK = text("SELECT pg_advisory_xact_lock(:key)").bindparams(key=ADVISORY_LOCK)
_VERSION = text("SELECT version_num FROM alembic_version")


@cache
def scripts() -> Path:
    """The folder of the migration scripts: inside an installed package, at the top of a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "migrations"
    return installed if installed.is_dir() else package.parent / "migrations"


@cache
def head() -> str:
    """The newest revision, as the file names number it: importing Alembic to ask would take 0.3 s."""
    return max(path.name.split("_", 1)[0] for path in scripts().glob("versions/[0-9]*_*.py"))


def is_current(database: Database) -> bool:
    """Whether the database has the schema of this release. Two short reads."""
    with database.read() as connection:
        return _is_current(connection)


def upgrade(database: Database) -> bool:
    """Run what is missing, all or nothing; False when nothing was.

    A second process waits meanwhile: on SQLite at the begin of its transaction, which is IMMEDIATE, on
    PostgreSQL at an advisory lock.
    """
    _make_private(database)
    with database.write() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(_LOCK)
        if _is_current(connection):
            return False
        _run(connection)
    return True


def _make_private(database: Database) -> None:
    # People and the hashes of their passwords: a new file is for its owner alone, and SQLite makes its log alike.
    file = database.engine.url.database
    if database.engine.dialect.name == "sqlite" and file and file != ":memory:":
        with suppress(OSError):
            os.close(os.open(file, os.O_CREAT | os.O_EXCL, 0o600))


def _is_current(connection: Connection) -> bool:
    if not inspect(connection).has_table("alembic_version"):
        return False
    return connection.execute(_VERSION).scalar() == head()


def _run(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(scripts()).replace("%", "%%"))
    command.upgrade(config, "head")
