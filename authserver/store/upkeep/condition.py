"""The condition of a database: its size, rows that are dead and not yet swept up, statements that take long."""

import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from authserver.store.engine.statement import Statement

# Seconds after which a transaction of anybody is old.
SLOW = 60
# Seconds that reading a file may take; looked at after so many instructions of SQLite's.
LONGEST, _INSTRUCTIONS = 20.0, 1000
# A table with fewer is of no interest.
FEW_DEAD = 100_000
_SIZE: dict[str, Statement] = {
    "sqlite": Statement(text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")),
    "postgresql": Statement(text("SELECT pg_database_size(current_database())")),
}
_SERVER = Statement(text("SELECT current_setting('server_version')"))
_ENCODING = Statement(text("SELECT current_setting('server_encoding')"))
# Any other lacks letters that are in names.
WIDE = "UTF8"
_IS_STANDBY = Statement(text("SELECT pg_is_in_recovery()"))
_DEAD = Statement(
    text(
        "SELECT relname, n_live_tup, n_dead_tup FROM pg_stat_user_tables "
        "WHERE n_dead_tup > :few AND n_dead_tup > n_live_tup / 2 ORDER BY n_dead_tup DESC"
    )
)
_LONG = Statement(
    text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND state <> 'idle' AND xact_start < now() - make_interval(secs => :slow)"
    )
)
_CONNECTIONS = Statement(
    text(
        "SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'), "
        "current_setting('max_connections')::int"
    )
)
_QUICK_CHECK = Statement(text("SELECT quick_check FROM pragma_quick_check(1)"))


@dataclass(frozen=True, slots=True)
class DeadRows:
    """A table more than a third of which waits for VACUUM."""

    table: str
    live: int
    dead: int


@dataclass(frozen=True, slots=True)
class Condition:
    """What a database says of itself. `bytes` is its size; the rest is for PostgreSQL, but for `damage`."""

    bytes: int
    version: str = ""
    encoding: str = WIDE
    is_standby: bool = False
    dead: tuple[DeadRows, ...] = ()
    long_transactions: int = 0
    connections: int = 0
    most_connections: int = 0
    damage: str | None = None
    is_whole: bool = True
    """False where there was no time to read the whole file."""


def condition(connection: Connection) -> Condition:
    """Ask this database; with SQLite, that reads the whole file."""
    size = _size(connection)
    if connection.dialect.name == "sqlite":
        found = _quick_check(connection)
        return Condition(size, damage=None if found in {"ok", None} else found, is_whole=found is not None)
    used, most = _CONNECTIONS.row(connection) or (0, 0)
    return Condition(
        size,
        version=str(_SERVER.value(connection)),
        encoding=encoding(connection),
        is_standby=bool(_IS_STANDBY.value(connection)),
        dead=tuple(DeadRows(*row) for row in _DEAD.rows(connection, {"few": FEW_DEAD})),
        long_transactions=int(_LONG.value(connection, {"slow": SLOW}) or 0),
        connections=used,
        most_connections=most,
    )


def encoding(connection: Connection) -> str:
    """What this database can hold texts in: SQLite, every one."""
    return WIDE if connection.dialect.name == "sqlite" else str(_ENCODING.value(connection))


def _quick_check(connection: Connection) -> str | None:
    """What SQLite says of its file; None where that took longer than `LONGEST` seconds."""
    driver: Any = connection.connection.dbapi_connection
    ends = time.monotonic() + LONGEST
    driver.set_progress_handler(lambda: time.monotonic() > ends, _INSTRUCTIONS)
    try:
        return str(_QUICK_CHECK.value(connection))
    except OperationalError as error:
        if "interrupted" not in str(error.orig):
            raise
        return None
    finally:
        driver.set_progress_handler(None, 0)


def _size(connection: Connection) -> int:
    found: Any = _SIZE[connection.dialect.name].value(connection)
    return int(found)
