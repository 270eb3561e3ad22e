"""The database: whether it answers, keeps what is written, has the schema of this release, and is in good condition."""

from importlib.metadata import version

from authserver.doctor.diagnosis import Diagnoses, fault, ok, warning
from authserver.store import SQLAlchemyError
from authserver.store.database import Database
from authserver.store.engine import alone
from authserver.store.upkeep import backlog, migrations, slow, writable
from authserver.store.upkeep.condition import LONGEST, SLOW, WIDE, Condition, condition

MIB = 1024**2


def database(database: Database, now: int, events_retention: int) -> Diagnoses:
    """`now` in seconds since the epoch. Says nothing of the rows of anybody."""
    found = migrations.schema(database)
    if (why := found.fault(version("authserver"))) is not None:
        yield fault("database", why, "see `authserver db status`")
        return
    with database.read() as connection:
        state = condition(connection)
        left = backlog.count(connection, now, events_retention)
    kind = f"PostgreSQL {state.version}" if state.version else "SQLite"
    yield ok("database", f"{kind}, revision {found.revision}, {state.bytes / MIB:.0f} MiB")
    yield from _writes(database, state)
    yield from _condition(state)
    if state.version:
        yield from _statements(database)
    for table, rows in sorted(left.items()):
        if rows >= backlog.MOST:
            yield warning(
                "database",
                f"{rows:,} expired rows or more wait in {table}",
                "let a server run: it removes them; see docs/operations.md",
            )


def _writes(database: Database, state: Condition) -> Diagnoses:
    if state.is_standby:
        yield fault(
            "database",
            "this is a standby, which takes no writes",
            "name the primary, or all hosts with target_session_attrs=read-write",
        )
        return
    try:
        writable.prove(database)
    except SQLAlchemyError as error:
        yield fault(
            "database",
            f"it keeps no writes: {alone.reason(error)}",
            "make room, or give the server's user the right to write",
        )


def _condition(state: Condition) -> Diagnoses:
    if state.encoding != WIDE:
        yield fault(
            "database",
            f"its encoding is {state.encoding}, in which not every name can be kept",
            "dump it, and restore it into a database with ENCODING 'UTF8'",
        )
    if state.damage is not None:
        yield fault("database", f"the file is damaged: {state.damage[:200]}", "restore a backup")
    if not state.is_whole:
        yield ok("database", f"the file was not read to its end within {LONGEST:.0f} s: PRAGMA quick_check does that")
    for table in state.dead:
        yield warning(
            "database",
            f"{table.dead:,} dead rows in {table.table} beside {table.live:,} that live",
            "see why autovacuum does not come round: a transaction that never ends?",
        )
    if state.long_transactions:
        yield warning(
            "database",
            f"{state.long_transactions} transactions are older than {SLOW} s",
            "see pg_stat_activity; a backup is fine",
        )
    if state.most_connections and state.connections > state.most_connections * 0.9:
        yield warning(
            "database",
            f"{state.connections} of {state.most_connections} connections are taken",
            "lower AUTHSERVER_DATABASE_POOL, raise max_connections, or use PgBouncer",
        )


def _statements(database: Database) -> Diagnoses:
    with database.read() as connection:
        is_counted = slow.is_counted(connection)
    if not is_counted:
        how = "add it to shared_preload_libraries, restart PostgreSQL, and create the extension pg_stat_statements"
        yield ok("database", f"slow statements are not looked at, since pg_stat_statements is not installed: {how}")
        return
    try:
        with database.read() as connection:
            found = slow.slow(connection)
    except SQLAlchemyError as error:
        yield warning(
            "database",
            f"pg_stat_statements cannot be read: {alone.reason(error)}",
            "add it to shared_preload_libraries and restart PostgreSQL; grant the server's user pg_read_all_stats",
        )
        return
    for each in found:
        yield warning(
            "database",
            f"a statement takes {each.mean_ms:.0f} ms on average, {each.calls:,} times: {each.query}",
            "run ANALYZE, and look at its plan with EXPLAIN (ANALYZE, BUFFERS); SELECT pg_stat_statements_reset() "
            "begins to count anew",
        )
