"""Signing keys as they lie in the database: sealed, numbered by generation, never changed but in their times."""

from dataclasses import dataclass, field

from sqlalchemy import Connection, bindparam, delete, null, select, update

from authserver.store.engine.statement import Statement
from authserver.store.engine.upsert import upsert
from authserver.store.tables import signing_keys as t


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One row. `private_key` is PKCS #8 (RFC 5958) in DER, sealed under the master key; empty once revoked."""

    kid: str
    alg: str
    generation: int
    private_key: bytes = field(repr=False)
    created_at: int
    active_from: int
    revoked_at: int | None = None


_COLUMNS = (t.c.kid, t.c.alg, t.c.generation, t.c.private_key, t.c.created_at, t.c.active_from, t.c.revoked_at)
_PUBLISHED = ("kid", "alg", "generation", "private_key", "created_at", "active_from")
_LOAD = Statement(select(*_COLUMNS).order_by(t.c.alg.desc(), t.c.generation))
_PUBLISH = upsert(t, lambda row: row.on_conflict_do_nothing().returning(t.c.kid), columns=_PUBLISHED)
_LIVE = (t.c.kid == bindparam("one")) & t.c.revoked_at.is_(null())
_ACTIVATE = Statement(
    update(t)
    .where(_LIVE, t.c.active_from > bindparam("moment"))
    .values(active_from=bindparam("moment"))
    .returning(t.c.kid)
)
_POSTPONE = Statement(
    update(t)
    .where(_LIVE, t.c.active_from == bindparam("planned"))
    .values(active_from=bindparam("moment"))
    .returning(t.c.kid)
)
_REVOKE = Statement(update(t).where(_LIVE).values(revoked_at=bindparam("moment"), private_key=b"").returning(t.c.alg))
_REMOVE = Statement(delete(t).where(t.c.kid == bindparam("one")))


def load(connection: Connection) -> tuple[SigningKey, ...]:
    """Every key, revoked ones too, oldest generation first."""
    return tuple(SigningKey(*row) for row in _LOAD.rows(connection))


def newest(connection: Connection, alg: str) -> SigningKey:
    """The key of this algorithm that was published last and is not revoked. There must be one."""
    return next(row for row in reversed(load(connection)) if row.alg == alg and row.revoked_at is None)


def publish(connection: Connection, key: SigningKey) -> bool:
    """Add a key; False when its generation is there already, made by somebody quicker."""
    return _PUBLISH.row(connection, {name: getattr(key, name) for name in _PUBLISHED}) is not None


def activate(connection: Connection, kid: str, at: int) -> bool:
    """Let a key that waits begin at this time; False when it begins earlier anyway or is revoked."""
    return _ACTIVATE.row(connection, {"one": kid, "moment": at}) is not None


def postpone(connection: Connection, kid: str, planned: int, at: int) -> bool:
    """Let a key that waits begin later than planned; False when somebody let it begin at another time meanwhile."""
    return _POSTPONE.row(connection, {"one": kid, "planned": planned, "moment": at}) is not None


def revoke(connection: Connection, kid: str, now: int) -> str | None:
    """Take a key back and forget its private part. Returns its `alg`; None when there is nothing to revoke."""
    alg: str | None = _REVOKE.value(connection, {"one": kid, "moment": now})
    return alg


def remove(connection: Connection, kid: str) -> None:
    """Delete a key whose time is over."""
    _REMOVE.run(connection, {"one": kid})
