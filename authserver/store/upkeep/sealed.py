"""What lies sealed under the master key, all of it: the columns, and the move that seals them anew."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, bindparam, func, select, tuple_, update

from authserver.store.engine.statement import Statement
from authserver.store.factors.tables import totp
from authserver.store.live_files.tables import live_files
from authserver.store.tables import federation_attempts, identities, jobs, kept_secrets, sessions, signing_keys
from authserver.store.upkeep.left import outbox

SealedColumn = Column[bytes]

PRIVATE_KEY: SealedColumn = signing_keys.c.private_key
# Every column of sealed values; an empty one is sealed no more.
SEALED: tuple[SealedColumn, ...] = (
    PRIVATE_KEY,
    sessions.c.upstream_id_token,
    identities.c.sealed_tokens,
    federation_attempts.c.sealed,
    jobs.c.sealed,
    totp.c.sealed,
    kept_secrets.c.sealed,
    live_files.c.sealed,
    outbox.c.sealed,
)
BATCH = 500

Anew = Callable[[bytes], bytes | None]


@dataclass(frozen=True, slots=True)
class Batch:
    """How many values were met, sealed anew and left as unreadable; `last` is where to go on, None at the end."""

    total: int
    changed: int
    unreadable: int
    last: tuple[object, ...] | None


class _Statements:
    def __init__(self, column: SealedColumn) -> None:
        keys = tuple(column.table.primary_key.columns)
        first = select(*keys, column).where(func.length(column) > 0).order_by(*keys).limit(bindparam("batch"))
        after = (bindparam(f"after_{number}", type_=key.type) for number, key in enumerate(keys))
        self.first, self.next = Statement(first), Statement(first.where(tuple_(*keys) > tuple_(*after)))
        # Whoever wrote another value meanwhile sealed it under the first key.
        self.replace = Statement(
            update(column.table)
            .where(*(key == bindparam(f"key_{number}") for number, key in enumerate(keys)), column == bindparam("old"))
            .values({column: bindparam("anew")})
        )


_STATEMENTS = {column: _Statements(column) for column in SEALED}


def reseal(connection: Connection, column: SealedColumn, anew: Anew, after: tuple[object, ...] | None = None) -> Batch:
    """Replace up to 500 values of a column of `SEALED`, in the order of its key from `after` on.

    `anew` gives the same value when it need not be replaced, and None when it cannot be read: it is left then.
    """
    statements = _STATEMENTS[column]
    values: dict[str, Any] = {"batch": BATCH} | {f"after_{number}": part for number, part in enumerate(after or ())}
    rows = (statements.next if after else statements.first).rows(connection, values)
    replaced, unreadable = [], 0
    for *key, old in rows:
        value = anew(old)
        if value is None:
            unreadable += 1
        elif value != old:
            replaced.append({"old": old, "anew": value} | {f"key_{number}": part for number, part in enumerate(key)})
    statements.replace.run_each(connection, replaced)
    return Batch(len(rows), len(replaced), unreadable, tuple(rows[-1][:-1]) if len(rows) == BATCH else None)
