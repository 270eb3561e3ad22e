"""The files that were live: written once for all nodes, found again by their number."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import Connection, Integer, bindparam, delete, func, select

from authserver.store.engine.statement import Statement
from authserver.store.engine.upsert import upsert
from authserver.store.live_files.tables import live_files as table

KEPT = 50
_FACTS = (
    *(table.c.number, table.c.digest, table.c.version),
    *(table.c.live_at, table.c.who, table.c.node, table.c.way),
)
_NEWEST_NUMBER = select(func.max(table.c.number)).scalar_subquery()
_NEWEST = Statement(select(*_FACTS).where(table.c.number == _NEWEST_NUMBER))
# Of two nodes that count to the same number at once, one has it.
_ADD = upsert(table, lambda row: row.on_conflict_do_nothing().returning(table.c.number))
_FORGET = Statement(delete(table).where(table.c.number <= bindparam("up_to", type_=Integer)))
_PAGE = Statement(select(*_FACTS, table.c.sealed).order_by(table.c.number.desc()).limit(bindparam("most")))
_FIND = Statement(select(*_FACTS, table.c.sealed).where(table.c.number == bindparam("its_number")))


@dataclass(frozen=True, slots=True)
class LiveFile:
    """One file that was live, from the second `live_at` on; `who` brought it to which `node`, and by which `way`.

    `sealed` is what it says, and empty where that was not asked for.
    """

    number: int
    digest: bytes
    version: str
    live_at: int
    who: str
    node: str
    way: str
    sealed: bytes = field(default=b"", repr=False)


def newest(connection: Connection) -> LiveFile | None:
    """The one that came last, without what it says."""
    return _file(_NEWEST.row(connection))


def add(connection: Connection, file: LiveFile) -> bool:
    """Write one down under its number, which follows the newest, and forget the oldest beyond fifty.

    False where the number is taken by now, and nothing was written.
    """
    if _ADD.row(connection, asdict(file)) is None:
        return False
    _FORGET.run(connection, {"up_to": file.number - KEPT})
    return True


def everything(connection: Connection) -> list[LiveFile]:
    """All that are kept, the newest first."""
    return [LiveFile(*row) for row in _PAGE.rows(connection, {"most": KEPT})]


def find(connection: Connection, number: int) -> LiveFile | None:
    """The one with this number."""
    return _file(_FIND.row(connection, {"its_number": number}))


def _file(row: Sequence[Any] | None) -> LiveFile | None:
    return None if row is None else LiveFile(*row)
