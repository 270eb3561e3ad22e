"""Recovery codes: digests, each spent once."""

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from authserver.store.engine.statement import Statement
from authserver.store.factors.tables import recovery_codes as table

_REMOVE = Statement(delete(table).where(table.c.sub == bindparam("person")))
_INSERT = Statement(insert(table), columns=("sub", "digest", "created_at"))
_UNUSED = (table.c.sub == bindparam("person"), table.c.used_at.is_(None))
_SPEND = Statement(update(table).where(*_UNUSED, table.c.digest == bindparam("code")).values(used_at=bindparam("now")))
_LEFT = Statement(select(func.count()).select_from(table).where(*_UNUSED))


def replace(connection: Connection, sub: str, digests: Iterable[bytes], now: int) -> None:
    """Let these be all the codes of a person: those before are void."""
    _REMOVE.run(connection, {"person": sub})
    _INSERT.run_each(connection, ({"sub": sub, "digest": each, "created_at": now} for each in digests))


def spend(connection: Connection, sub: str, code_digest: bytes, now: int) -> bool:
    """Spend a code, once. Of many at once one gets it."""
    return _SPEND.run(connection, {"person": sub, "code": code_digest, "now": now}) == 1


def left(connection: Connection, sub: str) -> int:
    """How many are not spent."""
    return _LEFT.value(connection, {"person": sub}) or 0
