"""Whether a write is kept: on a full disk, in a read-only file or on a standby everything can be read."""

import time

from authserver.store.database import Database

# One row or number that is there anyway, so that nothing grows. SQLite writes no page whose bytes stay the same, and
# keeps a number for whoever wants it beside its tables.
_WRITES = {
    "sqlite": "PRAGMA user_version = {now}",
    "postgresql": "UPDATE alembic_version SET version_num = version_num",
}


def prove(database: Database) -> None:
    """Write something small, durably. Raises what the database says where it cannot."""
    statement = _WRITES[database.engine.dialect.name].format(now=int(time.time()) % 2**31)
    with database.write_one() as connection:
        connection.exec_driver_sql(statement)
