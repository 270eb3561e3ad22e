"""Signing keys as they lie in the database: sealed, numbered by generation, never changed but in their times."""

from dataclasses import dataclass, field

from sqlalchemy import Connection, bindparam, delete, null, select, update

from authserver.store.engine.upsert import Upsert
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
_LOAD = select(*_COLUMNS).order_by(t.c.alg.desc(), t.c.generation)
_PUBLISH = Upsert(t, lambda row: row.on_conflict_do_nothing().returning(t.c.kid))
_LIVE = (t.c.kid == bindparam("one")) & t.c.revoked_at.is_(null())
_ACTIVATE = (
    update(t)
    .where(_LIVE, t.c.active_from > bindparam("moment"))
    .values(active_from=bindparam("moment"))
    .returning(t.c.kid)
)
_REVOKE = update(t).where(_LIVE).values(revoked_at=bindparam("moment"), private_key=b"").returning(t.c.alg)
_REMOVE = delete(t).where(t.c.kid == bindparam("one"))


def load(connection: Connection) -> tuple[SigningKey, ...]:
    """Every key, revoked ones too, oldest generation first."""
    return tuple(SigningKey(*row) for row in connection.execute(_LOAD))


def publish(connection: Connection, key: SigningKey) -> bool:
    """Add a key; False when its generation is there already, made by somebody quicker."""
    row = {
        "kid": key.kid,
        "alg": key.alg,
        "generation": key.generation,
        "private_key": key.private_key,
        "created_at": key.created_at,
        "active_from": key.active_from,
    }
    return connection.execute(_PUBLISH.on(connection), row).first() is not None


def activate(connection: Connection, kid: str, at: int) -> bool:
    """Let a key that waits begin at this time; False when it begins earlier anyway or is revoked."""
    return connection.execute(_ACTIVATE, {"one": kid, "moment": at}).first() is not None


def revoke(connection: Connection, kid: str, now: int) -> str | None:
    """Take a key back and forget its private part. Returns its `alg`; None when there is nothing to revoke."""
    return connection.execute(_REVOKE, {"one": kid, "moment": now}).scalar()


def remove(connection: Connection, kid: str) -> None:
    """Delete a key whose time is over."""
    connection.execute(_REMOVE, {"one": kid})
