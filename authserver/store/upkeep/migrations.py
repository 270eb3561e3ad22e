"""Bring a database to the schema of this release, once, however many processes start at the same time."""

import os
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, TypeVar

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from authserver.store.database import Database
from authserver.store.engine.limits import is_lock_timeout
from authserver.store.engine.statement import Statement
from authserver.store.upkeep import indexes
from authserver.store.upkeep.condition import WIDE, encoding
from authserver.store.upkeep.schema import Schema, read

if TYPE_CHECKING:
    from alembic.config import Config

T = TypeVar("T")
ADVISORY_LOCK = 0x61757468_73657276
_LOCK = Statement(text("SELECT pg_advisory_xact_lock(:key)").bindparams(key=ADVISORY_LOCK))
# Seconds: how long a lock is waited for, how long others then go before, and when it is given up.
LOCK_TIMEOUT, PAUSE, PATIENCE = 1, 5, 600
_BE_BRIEF = [
    Statement(text(f"SET LOCAL {limit}")) for limit in (f"lock_timeout = '{LOCK_TIMEOUT}s'", "statement_timeout = 0")
]
_HELD = (
    "a lock that the migration needs could not be had within ten minutes: something else works on the tables, such as "
    "pg_dump or a long transaction. Wait until it is done, or end it, and try again"
)
_NARROW = (
    "the database has the encoding {}, in which not every name can be kept: make one with "
    "`CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0`"
)
_log = structlog.get_logger("authserver")
_SAY_WHOSE = Statement(text("UPDATE alembic_version SET release = :release, works_from = :works_from"))


class SchemaError(Exception):
    """This release cannot work on the schema of the database; the text says why, and what to do."""


@cache
def scripts() -> Path:
    """The folder of the migration scripts: inside an installed package, at the top of a checkout."""
    package = Path(__file__).parents[2]
    installed = package / "migrations"
    return installed if installed.is_dir() else package.parent / "migrations"


@cache
def head() -> str:
    """The newest revision, as the file names number it: importing Alembic to ask would take 0.3 s."""
    return max(path.name.split("_", 1)[0] for path in scripts().glob("versions/[0-9]*_*.py"))


def schema(database: Database) -> Schema:
    """The schema of this database. Two short reads."""
    with database.read() as connection:
        return read(connection, head())


def require(database: Database) -> None:
    """Raises SchemaError where this release cannot work on the schema of the database."""
    _refuse(schema(database))


def pending(found: Schema) -> list[str]:
    """The names of the migrations that this release would run, oldest first."""
    names = sorted(path.stem for path in scripts().glob("versions/[0-9]*_*.py"))
    return [] if found.is_newer else [name for name in names if name.split("_", 1)[0] > (found.revision or "")]


def upgrade(database: Database) -> bool:
    """Run what is missing, all or nothing; False when nothing was, as on the schema of a newer release.

    A second process waits meanwhile: on SQLite at the begin of its transaction, which is IMMEDIATE, on
    PostgreSQL at an advisory lock. Whoever waits for the lock of a table holds up all who come later. So it waits only
    briefly, and then everything is undone and tried again. Raises SchemaError where this release is too old for the
    schema, and where a lock was not to be had for ten minutes.
    """
    _make_private(database)
    found = schema(database)
    if found.is_workable:
        return False
    _make_indexes(database, found)
    return in_turn(database, _upgrade)


def in_turn(database: Database, change: Callable[[Connection], T]) -> T:
    """Change the schema in one transaction, while no other process does.

    It gives way where a lock is held, and tries again from the start, for ten minutes. Raises SchemaError after that.
    """
    until = monotonic() + PATIENCE
    while True:
        try:
            with database.write() as connection:
                if connection.dialect.name == "postgresql":
                    for each in (*_BE_BRIEF, _LOCK):
                        each.run(connection)
                return change(connection)
        except OperationalError as error:
            if not is_lock_timeout(error.orig):
                raise
            if monotonic() > until:
                raise SchemaError(_HELD) from error
        _log.warning("migrations:waiting", reason="a lock is held, by another migration or by what reads the tables")
        sleep(PAUSE)


def _upgrade(connection: Connection) -> bool:
    found = read(connection, head())
    if found.is_newer:
        _refuse(found)
    if found.is_workable:
        return False
    # One with people in it goes on as it is; `authserver doctor` says so.
    if found.revision is None and (narrow := encoding(connection)) != WIDE:
        raise SchemaError(_NARROW.format(narrow))
    from alembic import command

    config = configured(connection)
    command.upgrade(config, "head")
    say_whose(connection, config, version("authserver"))
    return True


def _refuse(found: Schema) -> None:
    if not found.is_workable:
        raise SchemaError(found.fault(version("authserver")))


def _make_private(database: Database) -> None:
    # People and the hashes of their passwords: a new file is for its owner alone, and SQLite makes its log alike.
    file = database.engine.url.database
    if database.engine.dialect.name == "sqlite" and file and file != ":memory:":
        with suppress(OSError):
            os.close(os.open(file, os.O_CREAT | os.O_EXCL, 0o600))


def _make_indexes(database: Database, found: Schema) -> None:
    """Make the indexes of what is to run, before its transaction keeps anybody from writing."""
    if database.engine.dialect.name != "postgresql":
        return
    # A pooler wants transactions, in which no index can be made this way.
    if found.revision is None or database.is_pooled:
        return
    missing = {name.split("_", 1)[0] for name in pending(found)}
    if missing:
        from alembic.script import ScriptDirectory

        wanted: dict[str, str] = {}
        for script in ScriptDirectory(str(scripts())).walk_revisions():
            if script.revision in missing:
                wanted |= getattr(script.module, "INDEXES", {}).get("postgresql", {})
        indexes.make_meanwhile(database, wanted)


def configured(connection: Connection) -> "Config":
    """Alembic's configuration, with which its commands work on this connection."""
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(scripts()).replace("%", "%%"))
    return config


def say_whose(connection: Connection, config: "Config", release: str) -> None:
    """Write down that this release made the schema as it is now, and from which revision on code works on it."""
    from alembic.script import ScriptDirectory

    # Each contraction names the first revision whose code can do without what it takes away.
    made = ScriptDirectory.from_config(config).iterate_revisions(read(connection, head()).revision or "base", "base")
    works_from = max(str(getattr(script.module, "WORKS_FROM", "")) for script in made)
    _SAY_WHOSE.run(connection, {"release": release, "works_from": works_from})
