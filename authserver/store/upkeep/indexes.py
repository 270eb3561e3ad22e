"""Indexes of what administrators look for, and how PostgreSQL makes them while the server works.

A migration that names its `INDEXES` has them made before its transaction: where nobody waits for them, and as often as
it takes. In the transaction, each is made where it is not there yet.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import ProgrammingError

from authserver.store.database import Database
from authserver.store.engine.statement import Statement

# Without parameters: a portal would keep its snapshot, for whose end the making of an index waits.
_TAKE = Statement(text(f"SELECT pg_try_advisory_xact_lock({0x61757468_696E6478})"))
_UNFINISHED = Statement(
    text(
        "SELECT relname FROM pg_class JOIN pg_index ON indexrelid = pg_class.oid "
        "WHERE NOT indisvalid AND relname = ANY(:names)"
    )
)
_LOCK_TIMEOUT = Statement(text("SELECT current_setting('lock_timeout')"))
_SET_LOCK_TIMEOUT = Statement(text("SELECT set_config('lock_timeout', :limit, false)"))
_PAUSE = 0.1


def can_be_compared(_object: object, name: str | None, kind: str, _is_found: bool, _other: object) -> bool:
    """Whether Alembic can tell if the database has it as it should be. Of an index on a prefix it cannot."""
    return not (kind == "index" and (name or "").endswith("_prefix"))


def make(connection: Connection, wanted: Mapping[str, str]) -> None:
    """Make these indexes, where they are not there yet: by name what each is on, as in `user_roles (role, sub)`."""
    for name, on in wanted.items():
        Statement(text(f"CREATE INDEX IF NOT EXISTS {name} ON {on}")).run(connection)


def make_meanwhile(database: Database, wanted: Mapping[str, str]) -> None:
    """On PostgreSQL: make what is missing of these without keeping anybody from writing. One process does it at a time.

    It may take minutes. Whatever ends it, the next call goes on.
    """
    while wanted:
        # A transaction that waits in a statement would be waited for by the one that makes an index.
        with database.write() as turn:
            if _TAKE.value(turn):
                _make_missing(database, wanted)
                return
        time.sleep(_PAUSE)


@contextmanager
def _waiting(connection: Connection) -> Iterator[None]:
    """Inside, locks are waited for as long as it takes: what is made this way holds up nobody meanwhile."""
    usual = _LOCK_TIMEOUT.value(connection)
    _SET_LOCK_TIMEOUT.run(connection, {"limit": "0"})
    try:
        yield
    finally:
        _SET_LOCK_TIMEOUT.run(connection, {"limit": usual})


def _make_missing(database: Database, wanted: Mapping[str, str]) -> None:
    with database.read() as connection, _waiting(connection):
        tables = set(inspect(connection).get_table_names())
        for name in _UNFINISHED.column(connection, {"names": list(wanted)}):
            Statement(text(f"DROP INDEX CONCURRENTLY {name}")).run(connection)
        for name, on in wanted.items():
            # What an older migration is still to add gets its index by the transaction.
            if on.partition(" ")[0] in tables:
                with suppress(ProgrammingError):
                    Statement(text(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {on}")).run(connection)
