"""Whether the database answers, and keeps a write: on a full disk or a standby everything can still be read."""

import time

from sqlalchemy import text

from authserver.store.database import Database
from authserver.store.engine.statement import Statement

# One row or number for all, so that nothing grows. SQLite writes no page whose bytes stay the same, and keeps a number
# for whoever wants it beside its tables. The row is none that a migration holds until its end, as that of its revision.
_WRITES = {
    "sqlite": "PRAGMA user_version = {now}",
    "postgresql": (
        "INSERT INTO leases (task, holder, until) VALUES ('readiness', '', 0) "
        "ON CONFLICT (task) DO UPDATE SET until = leases.until"
    ),
}
_ASK = Statement(text("SELECT 1"))


def answers(database: Database) -> bool:
    """Whether it does. Raises what the database says where it cannot."""
    with database.read() as connection:
        return bool(_ASK.value(connection) == 1)


def prove(database: Database) -> None:
    """Write something small, durably. Raises what the database says where it cannot."""
    # A PRAGMA takes no parameter.
    write = text(_WRITES[database.engine.dialect.name].format(now=int(time.time()) % 2**31))
    with database.write_one() as connection:
        Statement(write).run(connection)
