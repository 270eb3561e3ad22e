"""The second factors that a person has, of every kind: seen, renamed, removed."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, bindparam, delete, select, update

from authserver.store.engine.statement import Statement
from authserver.store.factors.tables import totp

FactorKind = Literal["totp"]


@dataclass(frozen=True, slots=True)
class Factor:
    """A second factor, by the name that its person gave it. Times are seconds since the epoch."""

    kind: FactorKind
    id: str
    name: str
    created_at: int
    last_used_at: int | None


_HAS = Statement(select(totp.c.id).where(totp.c.sub == bindparam("person")).limit(1))
_OF_PERSON = Statement(
    select(totp.c.id, totp.c.name, totp.c.created_at, totp.c.last_used_at)
    .where(totp.c.sub == bindparam("person"))
    .order_by(totp.c.created_at, totp.c.id)
)
_ONE = (totp.c.sub == bindparam("person"), totp.c.id == bindparam("key"))
_RENAME = Statement(update(totp).where(*_ONE).values(name=bindparam("called")))
_REMOVE = Statement(delete(totp).where(*_ONE))
_REMOVE_ALL = Statement(delete(totp).where(totp.c.sub == bindparam("person")))


def has_second(connection: Connection, sub: str) -> bool:
    """Whether a person has a second factor, which a sign-in with a password then lacks."""
    return _HAS.row(connection, {"person": sub}) is not None


def of_person(connection: Connection, sub: str) -> list[Factor]:
    """The second factors of a person, the oldest first."""
    return [Factor("totp", *row) for row in _OF_PERSON.rows(connection, {"person": sub})]


def rename(connection: Connection, sub: str, factor: Factor, name: str) -> None:
    """Call a factor otherwise."""
    _RENAME.run(connection, {"person": sub, "key": factor.id, "called": name})


def remove(connection: Connection, sub: str, factor: Factor) -> bool:
    """Take a factor from a person. False where it is gone already."""
    return _REMOVE.run(connection, {"person": sub, "key": factor.id}) == 1


def remove_all(connection: Connection, sub: str) -> int:
    """Take every factor from a person; returns how many."""
    return _REMOVE_ALL.run(connection, {"person": sub})
