"""Jobs that wait to be done: each is taken by one sender at a time, and gone once it is done."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from sqlalchemy import BigInteger, Connection, Integer, bindparam, delete, func, insert, literal_column, select, update

from authserver.store.engine.statement import Statement
from authserver.store.tables import jobs

_table = jobs.c
_DUE = _table.due_at <= bindparam("now", type_=BigInteger)
_OF_LANE = (_table.kind == bindparam("of_kind"), _table.destination == bindparam("to"))
_BATCH = bindparam("batch", type_=Integer)

_ADD = Statement(insert(jobs), columns=("kind", "destination", "about", "sealed", "created_at", "due_at", "attempts"))
# From one destination to the next by the index: of what waits for it, no more is read than is told. Nothing is joined,
# which a plan that was made while the table was empty could do by reading all of it.
MOST_LANES = 256
_OF_KIND = _table.kind == bindparam("of_kind")
_one = select(_table.destination).where(_OF_KIND).order_by(_table.kind, _table.destination).limit(1)
_begin = select(
    _one.where(_table.destination >= bindparam("begin")).scalar_subquery().label("destination"),
    literal_column("1").label("number"),
).cte(recursive=True)
_next = _one.where(_table.destination > _begin.c.destination).scalar_subquery()
_lanes = _begin.union_all(
    select(_next, _begin.c.number + literal_column("1"))
    .where(_begin.c.destination.is_not(None))
    .where(_begin.c.number < literal_column(str(MOST_LANES)))
)
_there = select(_table.due_at).where(_OF_KIND, _table.destination == _lanes.c.destination).correlate(_lanes)
_first_due = _there.order_by(_table.kind, _table.destination, _table.due_at).limit(1).scalar_subquery()
_due_there = _there.where(_DUE).limit(bindparam("most", type_=Integer)).subquery()
_LANES = Statement(
    select(_lanes.c.destination, _first_due, select(func.count()).select_from(_due_there).scalar_subquery())
    .where(_lanes.c.destination.is_not(None))
    .order_by(_lanes.c.number)
)
_FIRST_DUE = (
    select(_table.id)
    .where(*_OF_LANE, _DUE)
    .order_by(_table.due_at, _table.id)
    .limit(1)
    .with_for_update(skip_locked=True)
    .scalar_subquery()
)
_FIELDS = (_table.id, _table.kind, _table.destination, _table.about, _table.sealed, _table.created_at, _table.attempts)
# Counting ends here: neither a page nor a scrape waits until a million letters are counted.
MOST_COUNTED = 10_000
_NEXT_KIND = Statement(select(_table.kind).where(_table.kind > bindparam("last")).order_by(_table.kind).limit(1))
_of_kind = (
    select(_table.created_at)
    .where(_table.kind == bindparam("of_kind"))
    .order_by(_table.kind, _table.created_at)
    .limit(MOST_COUNTED)
    .subquery()
)
_COUNT_AND_SINCE: tuple[Any, ...] = (func.count(), func.min(_of_kind.c.created_at))
_WAITING = Statement(select(*_COUNT_AND_SINCE).select_from(_of_kind))
# Of many senders one takes it: the others find its next time moved.
_CLAIM = Statement(
    update(jobs)
    .where(_table.id == _FIRST_DUE, _DUE)
    .values(attempts=_table.attempts + 1, due_at=bindparam("leased_until"))
    .returning(*_FIELDS)
)
# A sender whose lease has run out must not undo what the next one did.
_MINE = (_table.id == bindparam("job"), _table.attempts == bindparam("attempt"))
_END = Statement(delete(jobs).where(*_MINE))
_POSTPONE = Statement(update(jobs).where(*_MINE).values(due_at=bindparam("due"), last_error=bindparam("reason")))
_OVERDUE = Statement(
    delete(jobs)
    .where(
        _table.id.in_(
            select(_table.id)
            .where(_table.kind == bindparam("of_kind"), _DUE, _table.created_at <= bindparam("before"))
            .order_by(_table.created_at)
            .limit(_BATCH)
            .with_for_update(skip_locked=True)
        )
    )
    .returning(*_FIELDS, _table.last_error)
)


@dataclass(frozen=True, slots=True)
class Lanes:
    """How much is due for each destination, the longest due first.

    `following` is where the next look begins: empty, at the first, where this one came to the last.
    """

    due: Mapping[str, int]
    following: str


@dataclass(frozen=True, slots=True)
class Job:
    """A job that this sender has taken: `about` is what may be said of it, `attempts` counts this one."""

    id: int
    kind: str
    destination: str
    about: Mapping[str, str]
    sealed: bytes = field(repr=False)
    created_at: int
    attempts: int


def add(
    connection: Connection,
    kind: str,
    destination: str,
    about: Mapping[str, str],
    sealed: bytes,
    *,
    created_at: int,
    due_at: int,
    attempts: int = 0,
) -> None:
    """Put a job in. It is done at `due_at` or later, in seconds since the epoch, once the transaction is kept."""
    row = {"kind": kind, "destination": destination, "about": json.dumps(about), "sealed": sealed}
    _ADD.run(connection, row | {"created_at": created_at, "due_at": due_at, "attempts": attempts})


def lanes(connection: Connection, kind: str, begin: str, now: int, most: int) -> Lanes:
    """Where something of a kind is due, from the destination `begin` on, `most` of it at most: a look, without a write.

    It looks at `MOST_LANES` destinations that something waits for, and costs the same however much that is.
    """
    found = _LANES.rows(connection, {"of_kind": kind, "begin": begin, "now": now, "most": most})
    due = {where: count for where, _due_at, count in sorted(found, key=itemgetter(1)) if count}
    return Lanes(due, found[-1][0] if len(found) == MOST_LANES else "")


def waiting(connection: Connection) -> list[tuple[str, int, int]]:
    """Of each kind that has any: how many jobs wait, and since when the oldest does (seconds since the epoch).

    `MOST_COUNTED` of a kind at most.
    """
    found, last = list[tuple[str, int, int]](), ""
    while (kind := _NEXT_KIND.value(connection, {"last": last})) is not None:
        ((count, since),) = _WAITING.rows(connection, {"of_kind": kind})
        # By now they may all be done.
        if count:
            found.append((kind, count, since))
        last = kind
    return found


def claim(connection: Connection, kind: str, destination: str, now: int, lease: int) -> Job | None:
    """Take the job that is due longest; for `lease` seconds nobody else gets it. None where none is due."""
    values = {"of_kind": kind, "to": destination, "now": now, "leased_until": now + lease}
    row = _CLAIM.row(connection, values)
    return None if row is None else _job(row)


def end(connection: Connection, job: Job) -> bool:
    """It is done, or given up; it goes. False where the lease ran out and another sender took it over."""
    return _END.run(connection, _mine(job)) == 1


def postpone(connection: Connection, job: Job, due: int, reason: str) -> None:
    """Have it tried again at `due`, seconds since the epoch."""
    _POSTPONE.run(connection, _mine(job) | {"due": due, "reason": reason})


def take_overdue(connection: Connection, kind: str, before: int, now: int, limit: int) -> list[tuple[Job, str | None]]:
    """Take out the oldest `limit` jobs of a kind that wait since the second `before`, each with its last error."""
    values = {"of_kind": kind, "before": before, "now": now, "batch": limit}
    return [(_job(row[:-1]), row[-1]) for row in _OVERDUE.rows(connection, values)]


def _job(row: Sequence[Any]) -> Job:
    key, kind, destination, about, sealed, created_at, attempts = row
    return Job(key, kind, destination, json.loads(about), sealed, created_at, attempts)


def _mine(job: Job) -> dict[str, object]:
    return {"job": job.id, "attempt": job.attempts}
