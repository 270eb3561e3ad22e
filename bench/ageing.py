"""What it costs PostgreSQL to forget old events: DELETE in batches, as the server does, or DROP of a partition.

`python -m bench.ageing`, or `--events 200000` for an impression.
"""

import argparse
import sys
from collections.abc import Callable
from functools import partial
from time import perf_counter

from sqlalchemy import text

from authserver.store import events
from authserver.store.database import Database
from authserver.store.upkeep.cleanup import BATCH
from bench.databases import migrated

MONTH = 30 * 24 * 3600
_NUMBERS = (
    "SELECT :begin + n % :month, CASE n % 4 WHEN 0 THEN 'user:login:succeeded' ELSE 'token:access_token:issued' END, "
    "'sub-' || n % 10007, 'client-' || n % 97, '{}' FROM generate_series(1, :most) AS n"
)
_FILL = f"INSERT INTO events (at, name, sub, client_id, detail) {_NUMBERS}"
_FILL_PARTITIONS = _FILL.replace("events (at", "parted (id, at").replace("SELECT :begin", "SELECT n + :begin, :begin")
# The primary key of a partitioned table must hold what it is partitioned by.
_PARTITION = (
    "CREATE TABLE parted (LIKE events INCLUDING DEFAULTS) PARTITION BY RANGE (at)",
    f"CREATE TABLE parted_old PARTITION OF parted FOR VALUES FROM (0) TO ({MONTH})",
    f"CREATE TABLE parted_new PARTITION OF parted FOR VALUES FROM ({MONTH}) TO ({2 * MONTH})",
    "ALTER TABLE parted ADD PRIMARY KEY (id, at)",
    "CREATE INDEX ON parted (at)",
    "CREATE INDEX ON parted (sub)",
    "CREATE INDEX ON parted (name, id)",
    "CREATE INDEX ON parted (client_id, name, id)",
)


class Measured:
    """Seconds and bytes of the write-ahead log of what is done to a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def run(self, name: str, work: Callable[[], object]) -> None:
        """Do it, and print what it cost."""
        before, began = self._log(), perf_counter()
        work()
        took, written = perf_counter() - began, self._log() - before
        sys.stdout.write(f"  {name:44} {took:9.2f} s {written / 1_000_000:9.1f} MB of log\n")
        sys.stdout.flush()

    def execute(self, *statements: str, **values: int) -> None:
        """Run these, in one transaction."""
        with self._database.write() as connection:
            for statement in statements:
                connection.execute(text(statement), values)

    def _log(self) -> int:
        with self._database.read() as connection:
            return int(connection.scalar(text("SELECT pg_current_wal_lsn() - '0/0'")) or 0)


def _forget(database: Database) -> None:
    while True:
        with database.write() as connection:
            if events.delete_older(connection, MONTH - 1, BATCH) < BATCH:
                return


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.ageing", description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000, help="that are old; as many are new")
    most = parser.parse_args().events
    with migrated("postgresql") as (_, database):
        measured = Measured(database)
        sys.stdout.write(f"{most:,} old events, {most:,} new ones\n")
        old, new = {"begin": 0, "month": MONTH, "most": most}, {"begin": MONTH, "month": MONTH, "most": most}
        measured.run("write the old ones", partial(measured.execute, _FILL, **old))
        measured.run("write the new ones", partial(measured.execute, _FILL, **new))
        measured.execute(*_PARTITION)
        measured.run("write the old ones into partitions", partial(measured.execute, _FILL_PARTITIONS, **old))
        measured.run("write the new ones into partitions", partial(measured.execute, _FILL_PARTITIONS, **new))
        measured.run(f"DELETE the old ones, {BATCH} at a time", lambda: _forget(database))
        with database.read() as connection:
            measured.run("VACUUM", lambda: connection.execute(text("VACUUM events")))
        measured.run("DROP the old partition", lambda: measured.execute("DROP TABLE parted_old"))


if __name__ == "__main__":
    main()
