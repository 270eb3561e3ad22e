"""A whole database as one file, as it was at one moment, and back.

SQLite: VACUUM INTO, and the backup API of the library, which replaces a database in one transaction even while it is
open. PostgreSQL: its own programs, since they know everything that can be in a database and whoever restores it knows
them; https://www.postgresql.org/docs/current/app-pgdump.html
"""

import os
import sqlite3
import subprocess
from contextlib import closing, suppress
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import Any

from psycopg.conninfo import make_conninfo
from sqlalchemy import inspect

from authserver.store.allowed import tables  # noqa: F401 - as below
from authserver.store.database import BUSY_TIMEOUT_MS, Database, engine_url
from authserver.store.engine.postgresql import connect_arguments
from authserver.store.factors import tables as factors  # noqa: F401 - as below
from authserver.store.live_files import tables as live_files  # noqa: F401 - as below
from authserver.store.registration import tables as registration  # noqa: F401 - as below
from authserver.store.tables import metadata
from authserver.store.upkeep import lease, left  # noqa: F401 - their tables are ours, too


class CopyError(Exception):
    """A database cannot be copied or put back; the text says why, and what to do."""


def kind(database_url: str) -> str:
    """`sqlite` or `postgresql`. A copy of one is nothing to the other."""
    return "sqlite" if database_url.startswith("sqlite") else "postgresql"


def has_tables(database: Database) -> bool:
    """Whether there is anything of ours that a copy would replace. Creates no file."""
    file = database.engine.url.database
    if database.engine.dialect.name == "sqlite" and not (file and Path(file).exists()):
        return False
    with database.read() as connection:
        return bool(_ours() & set(inspect(connection).get_table_names()))


def dump(database_url: str, target: Path) -> None:
    """Write everything into a new file. Nobody who writes meanwhile waits. Raises CopyError."""
    if kind(database_url) == "sqlite":
        try:
            with closing(_open(_file(database_url))) as database:
                database.execute("VACUUM INTO ?", (str(target),))
        except sqlite3.Error as error:
            raise CopyError(f"the database cannot be copied: {error}") from error
    else:
        _run(database_url, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def put_back(database_url: str, source: Path) -> None:
    """Replace everything by what is in the file, all or nothing. Raises CopyError."""
    if kind(database_url) == "sqlite":
        _put_back_file(_file(database_url), source)
        return
    with TemporaryDirectory(prefix="authserver-") as folder:
        drop, script = Path(folder, "drop.sql"), Path(folder, "restore.sql")
        drop.write_text("".join(f'DROP TABLE IF EXISTS "{name}" CASCADE;\n' for name in sorted(_ours())))
        _call(
            "pg_restore", {}, "--clean", "--if-exists", "--no-owner", "--no-privileges", f"--file={script}", str(source)
        )
        once = ("--single-transaction", "--set=ON_ERROR_STOP=1", f"--file={drop}", f"--file={script}")
        _run(database_url, "psql", "--no-psqlrc", "--quiet", "--output=/dev/null", *once)


def _ours() -> set[str]:
    return {*metadata.tables, "alembic_version"}


def _file(database_url: str) -> Path:
    return Path(engine_url(database_url).removeprefix("sqlite:///"))


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=BUSY_TIMEOUT_MS / 1000)


def _put_back_file(path: Path, source: Path) -> None:
    with suppress(FileExistsError):
        # People and the hashes of their passwords: for the owner alone.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with closing(_open(source)) as kept, closing(_open(path)) as database:
            (found,) = kept.execute("PRAGMA integrity_check(1)").fetchone()
            if found != "ok":
                raise CopyError(f"the copy is damaged: {found}")
            kept.backup(database)
    except sqlite3.Error as error:
        raise CopyError(f"the database cannot be written: {error}") from error


def _run(database_url: str, program: str, *arguments: str) -> None:
    # Arguments can be seen by everybody on the machine, and variables cannot.
    found = connect_arguments(database_url)
    password = found.pop("password", None)
    # psycopg's own, which no program knows.
    found.pop("prepare_threshold", None)
    secret = {} if password is None else {"PGPASSWORD": str(password)}
    _call(program, secret, *arguments, f"--dbname={make_conninfo(**found)}")


def _call(program: str, secret: dict[str, str], *arguments: str) -> None:
    path = which(program)
    if path is None:
        raise CopyError(f"{program} was not found: install PostgreSQL's client programs (Debian: postgresql-client)")
    apart: dict[str, Any] = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True}
    done = subprocess.run([path, *arguments], env=os.environ | secret, check=False, **apart)  # noqa: S603 - ours
    if done.returncode != 0:
        said = " ".join(done.stderr.split()) or f"status {done.returncode}"
        raise CopyError(f"{program} failed: {said[:500]}")
