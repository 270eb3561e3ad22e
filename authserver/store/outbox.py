"""Mail that waits to be sent: each message is taken by one sender at a time, and leaves its text behind when sent."""

from dataclasses import dataclass, field

from sqlalchemy import BigInteger, Connection, bindparam, delete, insert, select, update

from authserver.store.tables import outbox

KEPT_AFTER_SENT = 86400
_table = outbox.c
_NOW = bindparam("now", type_=BigInteger)
_DUE = (_table.sent_at.is_(None), _table.next_at <= _NOW)

_ADD = insert(outbox)
_ANY_DUE = select(_table.id).where(*_DUE).limit(1)
_FIRST_DUE = (
    select(_table.id)
    .where(*_DUE)
    .order_by(_table.next_at, _table.id)
    .limit(1)
    .with_for_update(skip_locked=True)
    .scalar_subquery()
)
# Of many senders one takes it: the others find its next time moved.
_CLAIM = (
    update(outbox)
    .where(_table.id == _FIRST_DUE, *_DUE)
    .values(attempts=_table.attempts + 1, next_at=bindparam("leased_until"))
    .returning(_table.id, _table.kind, _table.to_address, _table.sealed, _table.created_at, _table.attempts)
)
# A sender whose lease has run out must not undo what the next one did.
_MINE = (_table.id == bindparam("message"), _table.attempts == bindparam("attempt"), _table.sent_at.is_(None))
_SENT = update(outbox).where(*_MINE).values(sent_at=_NOW, sealed=b"", last_error=None)
_POSTPONE = update(outbox).where(*_MINE).values(next_at=bindparam("due"), last_error=bindparam("reason"))
_REMOVE = delete(outbox).where(*_MINE)
_OVERDUE = (
    delete(outbox)
    .where(
        _table.id.in_(
            select(_table.id).where(*_DUE, _table.created_at <= bindparam("before")).limit(bindparam("batch"))
        )
    )
    .returning(_table.kind, _table.to_address, _table.last_error)
)
_DELETE_SENT = delete(outbox).where(
    _table.id.in_(select(_table.id).where(_table.sent_at <= bindparam("before")).limit(bindparam("batch")))
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that this sender has taken: `sealed` is the envelope, `attempts` counts this one."""

    id: int
    kind: str
    to_address: str
    sealed: bytes = field(repr=False)
    created_at: int
    attempts: int


def add(connection: Connection, kind: str, to_address: str, sealed: bytes, now: int) -> None:
    """Put a message in; it is due once the caller's transaction is kept."""
    row = {"kind": kind, "to_address": to_address, "sealed": sealed, "created_at": now, "next_at": now, "attempts": 0}
    connection.execute(_ADD, row)


def is_any_due(connection: Connection, now: int) -> bool:
    """Whether `claim` would find something: a look, without a write."""
    return connection.execute(_ANY_DUE, {"now": now}).first() is not None


def claim(connection: Connection, now: int, lease: int) -> Waiting | None:
    """Take the message that is due longest; for `lease` seconds nobody else gets it. None where none is due."""
    row = connection.execute(_CLAIM, {"now": now, "leased_until": now + lease}).one_or_none()
    return None if row is None else Waiting(*row)


def sent(connection: Connection, message: Waiting, now: int) -> bool:
    """Note that a server has taken it; its text goes. False where the lease ran out and another took it over."""
    return connection.execute(_SENT, _mine(message) | {"now": now}).rowcount == 1


def postpone(connection: Connection, message: Waiting, due: int, reason: str) -> None:
    """Have it tried again at `due`, seconds since the epoch."""
    connection.execute(_POSTPONE, _mine(message) | {"due": due, "reason": reason})


def abandon(connection: Connection, message: Waiting) -> bool:
    """Give it up. False where another sender has it."""
    return connection.execute(_REMOVE, _mine(message)).rowcount == 1


def abandon_older(connection: Connection, before: int, now: int, limit: int) -> list[tuple[str, str, str | None]]:
    """Give up to `limit` messages up that wait since the second `before`: the kind, address and last error of each."""
    values = {"before": before, "now": now, "batch": limit}
    return [(kind, to, error) for kind, to, error in connection.execute(_OVERDUE, values)]


def delete_expired(connection: Connection, now: int, limit: int) -> int:
    """Remove up to `limit` messages that were sent a day ago; returns how many."""
    return connection.execute(_DELETE_SENT, {"before": now - KEPT_AFTER_SENT, "batch": limit}).rowcount


def _mine(message: Waiting) -> dict[str, object]:
    return {"message": message.id, "attempt": message.attempts}
