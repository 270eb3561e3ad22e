"""Jobs that wait to be done: each is taken by one sender at a time, and gone once it is done."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, Connection, Integer, bindparam, delete, func, insert, select, update

from authserver.store.engine.statement import Statement
from authserver.store.tables import jobs

_table = jobs.c
_DUE = _table.due_at <= bindparam("now", type_=BigInteger)
_OF_LANE = (_table.kind == bindparam("of_kind"), _table.destination == bindparam("to"))
_BATCH = bindparam("batch", type_=Integer)

_ADD = Statement(insert(jobs), columns=("kind", "destination", "about", "sealed", "created_at", "due_at", "attempts"))
_LANES = Statement(
    select(_table.kind, _table.destination, func.count())
    .where(_DUE)
    .group_by(_table.kind, _table.destination)
    .order_by(func.min(_table.due_at))
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
    .order_by(_table.kind, _table.destination, _table.due_at)
    .limit(MOST_COUNTED)
    .subquery()
)
_SINCE_AND_COUNT: tuple[Any, ...] = (func.min(_of_kind.c.created_at), func.count())
_WAITING = Statement(select(*_SINCE_AND_COUNT))
_oldest = select(_table.kind, _table.created_at).order_by(_table.id).limit(MOST_COUNTED).subquery()
_OLDEST = Statement(select(_oldest.c.kind, func.count(), func.min(_oldest.c.created_at)).group_by(_oldest.c.kind))
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
            .limit(_BATCH)
            .with_for_update(skip_locked=True)
        )
    )
    .returning(*_FIELDS, _table.last_error)
)


@dataclass(frozen=True, slots=True)
class Lane:
    """The jobs of one kind that go to one destination, and how many of them are due."""

    kind: str
    destination: str
    due: int


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


def lanes(connection: Connection, now: int) -> list[Lane]:
    """Where something is due, the longest due first: a look, without a write."""
    return [Lane(*row) for row in _LANES.rows(connection, {"now": now})]


def waiting(connection: Connection) -> list[tuple[str, int, int]]:
    """Of each kind that has any: how many jobs wait, and since when the oldest does (seconds since the epoch).

    `MOST_COUNTED` of a kind at most; the oldest is sought among these, and among as many jobs of all kinds that came
    first.
    """
    found, last = list[tuple[str, int, int]](), ""
    first = {kind: since for kind, _, since in oldest(connection)}
    while (kind := _NEXT_KIND.value(connection, {"last": last})) is not None:
        ((since, count),) = _WAITING.rows(connection, {"of_kind": kind})
        # By now they may all be done.
        if count:
            found.append((kind, count, min(since, first.get(kind, since))))
        last = kind
    return found


def oldest(connection: Connection) -> list[tuple[str, int, int]]:
    """As `waiting`, of the `MOST_COUNTED` jobs that came first."""
    return [tuple(row) for row in _OLDEST.rows(connection)]


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
    """Take out up to `limit` jobs of a kind that wait since the second `before`, each with its last error."""
    values = {"of_kind": kind, "before": before, "now": now, "batch": limit}
    return [(_job(row[:-1]), row[-1]) for row in _OVERDUE.rows(connection, values)]


def _job(row: Sequence[Any]) -> Job:
    key, kind, destination, about, sealed, created_at, attempts = row
    return Job(key, kind, destination, json.loads(about), sealed, created_at, attempts)


def _mine(job: Job) -> dict[str, object]:
    return {"job": job.id, "attempt": job.attempts}
