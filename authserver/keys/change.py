"""A new master key: everything that lies sealed in the database is sealed anew under it."""

from collections.abc import Callable
from dataclasses import dataclass

from authserver.master_key import MasterKey
from authserver.store.database import Database
from authserver.store.upkeep import sealed
from authserver.store.upkeep.sealed import PRIVATE_KEY, SEALED, Anew, Batch, SealedColumn

Step = Callable[[tuple[object, ...] | None], Batch]


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many values there are, how many were sealed anew, and how many none of the keys opens."""

    total: int = 0
    changed: int = 0
    unreadable: int = 0


def change_master_key(database: Database, master: MasterKey) -> dict[str, Resealed]:
    """Seal every value anew that is not under the first master key; the counts by table.

    Private keys first, all or none: raises MasterKeyError when one of them does not open, and nothing is changed.
    Of the rest, in small batches, what does not open is left as it is: no key that is at hand will ever open it.
    """

    def strict(value: bytes) -> bytes:
        return value if master.is_first(value) else master.seal(master.unseal(value))

    def lenient(value: bytes) -> bytes | None:
        if master.is_first(value):
            return value
        opened = master.try_unseal(value)
        return None if opened is None else master.seal(opened)

    with database.write() as connection:
        counts = {PRIVATE_KEY.table.name: _all(lambda after: sealed.reseal(connection, PRIVATE_KEY, strict, after))}
    for column in SEALED:
        if column is not PRIVATE_KEY:
            counts[column.table.name] = _all(_in_turns(database, column, lenient))
    return counts


def _in_turns(database: Database, column: SealedColumn, anew: Anew) -> Step:
    """Each batch in a transaction of its own, so that nobody waits long for a lock."""

    def step(after: tuple[object, ...] | None) -> Batch:
        with database.write() as connection:
            return sealed.reseal(connection, column, anew, after)

    return step


def _all(step: Step) -> Resealed:
    batch = step(None)
    done = [batch]
    while batch.last is not None:
        batch = step(batch.last)
        done.append(batch)
    return Resealed(
        sum(each.total for each in done), sum(each.changed for each in done), sum(each.unreadable for each in done)
    )
