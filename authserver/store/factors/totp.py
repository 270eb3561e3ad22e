"""Authenticator apps: each code counts once, whichever worker takes it (RFC 6238 §5.2)."""

from dataclasses import dataclass, field

from sqlalchemy import BigInteger, Connection, bindparam, select, update

from authserver.protocol.digest import digest
from authserver.store.engine.statement import Statement
from authserver.store.engine.upsert import upsert
from authserver.store.factors.tables import totp


@dataclass(frozen=True, slots=True)
class TotpSecret:
    """The secret of an authenticator app of a person, as it lies sealed."""

    id: str
    sealed: bytes = field(repr=False)


_OF_PERSON = Statement(select(totp.c.id, totp.c.sealed).where(totp.c.sub == bindparam("person")))
_ADD = upsert(
    totp,
    lambda row: row.values(
        id=bindparam("key"),
        sub=bindparam("person"),
        name=bindparam("called"),
        sealed=bindparam("secret"),
        last_step=bindparam("step"),
        created_at=bindparam("now"),
    ).on_conflict_do_nothing(),
)
_SPEND = Statement(
    update(totp)
    .where(
        totp.c.id == bindparam("key"),
        totp.c.sub == bindparam("person"),
        totp.c.last_step < bindparam("step", type_=BigInteger),
    )
    .values(last_step=bindparam("step", type_=BigInteger), last_used_at=bindparam("now"))
)


def of_person(connection: Connection, sub: str) -> list[TotpSecret]:
    """Those of a person."""
    return [TotpSecret(*row) for row in _OF_PERSON.rows(connection, {"person": sub})]


def add(connection: Connection, sub: str, name: str, secret: str, sealed: bytes, step: int, now: int) -> bool:
    """Keep a secret that has given the code of `step`, which counts as taken. False where it is kept already."""
    key = digest(f"totp {secret}").hex()[:32]
    values = {"key": key, "person": sub, "called": name, "secret": sealed, "step": step, "now": now}
    return _ADD.run(connection, values) == 1


def spend(connection: Connection, sub: str, key: str, step: int, now: int) -> bool:
    """Take the code of a step, once: False where it, or that of a later one, was taken. Of many at once one gets it."""
    return _SPEND.run(connection, {"person": sub, "key": key, "step": step, "now": now}) == 1
