"""What the release before keeps waiting in tables of its own: letters, and forgotten passwords to be looked up.

Its nodes write and empty them while an upgrade lasts. What is due, and so in no node's hands, is taken over from there.
"""

from dataclasses import dataclass, field

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    bindparam,
    delete,
    select,
)

from authserver.store.engine.statement import Statement
from authserver.store.tables import SERIAL, metadata

outbox: Table = Table(
    "outbox",
    metadata,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("kind", String(32), nullable=False),
    Column("to_address", String(320), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("next_at", BigInteger, nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
    Column("sent_at", BigInteger),
    Column("last_error", Text),
)
reset_requests: Table = Table(
    "reset_requests",
    metadata,
    Column("id", SERIAL, primary_key=True, autoincrement=True),
    Column("login", Text, nullable=False),
    Column("address", String(45)),
    Column("request_id", String(32)),
    Column("created_at", BigInteger, nullable=False, index=True),
)
KEPT_AFTER_SENT = 86400
_letter, _reset = outbox.c, reset_requests.c
_MOST = bindparam("most", type_=Integer)
_TAKE_LETTERS = Statement(
    delete(outbox)
    .where(
        _letter.id.in_(
            select(_letter.id)
            .where(_letter.sent_at.is_(None), _letter.next_at <= bindparam("now"))
            .order_by(_letter.id)
            .limit(_MOST)
            .with_for_update(skip_locked=True)
        )
    )
    .returning(_letter.kind, _letter.to_address, _letter.sealed, _letter.created_at, _letter.attempts)
)
_TAKE_RESETS = Statement(
    delete(reset_requests)
    .where(
        _reset.id.in_(
            select(_reset.id)
            .where(_reset.created_at <= bindparam("before"))
            .order_by(_reset.id)
            .limit(_MOST)
            .with_for_update(skip_locked=True)
        )
    )
    .returning(_reset.login, _reset.address, _reset.request_id, _reset.created_at)
)
_DELETE_SENT = Statement(
    delete(outbox).where(_letter.id.in_(select(_letter.id).where(_letter.sent_at <= bindparam("before")).limit(_MOST)))
)


@dataclass(frozen=True, slots=True)
class LeftLetter:
    """A letter of a template, sealed as letters still are."""

    template: str
    to_address: str
    sealed: bytes = field(repr=False)
    created_at: int
    attempts: int


@dataclass(frozen=True, slots=True)
class LeftReset:
    """What was typed, from where and with which request."""

    login: str
    address: str | None
    request_id: str | None
    created_at: int


def take_letters(connection: Connection, now: int, most: int) -> list[LeftLetter]:
    """Take up to `most` letters that are due, in one transaction with what becomes of them."""
    return [LeftLetter(*row) for row in _TAKE_LETTERS.rows(connection, {"now": now, "most": most})]


def take_resets(connection: Connection, before: int, most: int) -> list[LeftReset]:
    """Take up to `most` requests that have waited since `before`, in one transaction with what becomes of them."""
    return [LeftReset(*row) for row in _TAKE_RESETS.rows(connection, {"before": before, "most": most})]


def delete_sent(connection: Connection, now: int, limit: int) -> int:
    """Remove up to `limit` letters that were sent a day ago; returns how many."""
    return _DELETE_SENT.run(connection, {"before": now - KEPT_AFTER_SENT, "most": limit})
