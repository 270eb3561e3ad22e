"""Statements of this database that take long, as pg_stat_statements counts them, where it is installed.

https://www.postgresql.org/docs/current/pgstatstatements.html
"""

from dataclasses import dataclass

from sqlalchemy import Connection, text

from authserver.store.engine.statement import Statement

# On average, in milliseconds; how often at least it was called; and how many are told of.
LONG_MS, OFTEN, MOST = 100, 5, 5
_LONGEST = 160
_IS_THERE = Statement(text("SELECT to_regclass('pg_stat_statements') IS NOT NULL"))
# What is no query, such as ALTER ROLE, keeps its constants, and a password can be one.
_SLOW = Statement(
    text(
        "SELECT s.query, s.calls, s.mean_exec_time, s.total_exec_time FROM pg_stat_statements s "
        "JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = current_database() "
        "AND s.mean_exec_time >= :long AND s.calls >= :often "
        "AND s.query ~* '^\\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\\s' "
        "ORDER BY s.total_exec_time DESC LIMIT :most"
    )
)


@dataclass(frozen=True, slots=True)
class SlowStatement:
    """One statement without its values: how often it ran, and its milliseconds on average and in all."""

    query: str
    calls: int
    mean_ms: float
    total_ms: float


def is_counted(connection: Connection) -> bool:
    """Whether statements are counted here; on SQLite nobody does."""
    return connection.dialect.name == "postgresql" and bool(_IS_THERE.value(connection))


def slow(connection: Connection) -> list[SlowStatement]:
    """Those that cost most in all, of those that take long. Raises SQLAlchemyError where the module is not loaded."""
    values = {"long": LONG_MS, "often": OFTEN, "most": MOST}
    return [
        SlowStatement(_shown(query), int(calls), float(mean), float(total))
        for query, calls, mean, total in _SLOW.rows(connection, values)
    ]


def _shown(query: str) -> str:
    # Values are $1, $2, … as a rule; now and then one stays, and from there on nothing is shown.
    words = " ".join(query.partition("'")[0].split())
    return words if words == " ".join(query.split()) and len(words) <= _LONGEST else words[:_LONGEST] + "…"
