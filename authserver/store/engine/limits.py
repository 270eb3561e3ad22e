"""How long a statement on PostgreSQL may take and wait for a lock: what hangs must not stop those who do without it.

https://www.postgresql.org/docs/current/runtime-config-client.html
"""

from dataclasses import dataclass

# Of both: where an endpoint for clients writes.
BRIEF = 0.25
LOCK_NOT_AVAILABLE = "55P03"


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds; 0 is without limit."""

    statement: float = 0.0
    lock: float = 0.0

    def brief(self) -> "Limits":
        """Those of a request that many others wait behind."""
        return Limits(self.statement * BRIEF, self.lock * BRIEF)

    def sql(self, scope: str = "") -> str:
        """The statements that set them for a connection, or with `LOCAL` for a transaction."""
        return "; ".join(f"SET {scope} {name} = {milliseconds}" for name, milliseconds in self._each())

    def select(self) -> str:
        """The same for a transaction as one statement, which can be prepared."""
        calls = (f"set_config('{name}', '{milliseconds}', true)" for name, milliseconds in self._each())
        return f"SELECT {', '.join(calls)}"

    def _each(self) -> tuple[tuple[str, int], ...]:
        # A value of 0 turns a limit off, so that none must become one.
        return tuple(
            (f"{name}_timeout", max(1, round(seconds * 1000)) if seconds else 0)
            for name, seconds in (("statement", self.statement), ("lock", self.lock))
        )


def is_lock_timeout(error: BaseException | None) -> bool:
    """Whether the driver says so that a lock was waited for in vain."""
    return getattr(error, "sqlstate", None) == LOCK_NOT_AVAILABLE


def is_table_locked(error: BaseException) -> bool:
    """Whether that was the lock of a whole table. Of a row, PostgreSQL says which one it was at."""
    return is_lock_timeout(error) and getattr(getattr(error, "diag", None), "context", None) is None
