"""The second factors that a person has, of every kind: seen, renamed, removed."""

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import BindParameter, Connection, Table, bindparam, delete, literal, select, update

from authserver.store.engine.statement import Statement
from authserver.store.factors.tables import passkeys, totp

FactorKind = Literal["totp", "passkey"]


@dataclass(frozen=True, slots=True)
class Factor:
    """A second factor, by the name that its person gave it. Times are seconds since the epoch.

    Of a passkey, `aaguid` is the kind of authenticator, and `is_backed_up` says whether a copy is kept elsewhere.
    """

    kind: FactorKind
    id: str
    name: str
    created_at: int
    last_used_at: int | None
    aaguid: str | None = None
    is_backed_up: bool | None = None


_person: BindParameter[str] = bindparam("person")
_HAS = Statement(
    select(literal(1)).where(
        select(totp.c.id).where(totp.c.sub == _person).exists()
        | select(passkeys.c.id).where(passkeys.c.sub == _person).exists()
    )
)


class _Kind:
    def __init__(self, table: Table, *more: Any) -> None:
        one = (table.c.sub == _person, table.c.id == bindparam("key"))
        fields = (table.c.id, table.c.name, table.c.created_at, table.c.last_used_at, *more)
        self.all = Statement(select(*fields).where(table.c.sub == _person).order_by(table.c.created_at, table.c.id))
        self.rename = Statement(update(table).where(*one).values(name=bindparam("called")))
        self.remove = Statement(delete(table).where(*one))
        self.remove_all = Statement(delete(table).where(table.c.sub == _person))


_KINDS: dict[FactorKind, _Kind] = {
    "totp": _Kind(totp),
    "passkey": _Kind(passkeys, passkeys.c.aaguid, passkeys.c.is_backed_up),
}


def has_second(connection: Connection, sub: str) -> bool:
    """Whether a person has a second factor, which a sign-in with a password then lacks."""
    return _HAS.row(connection, {"person": sub}) is not None


def of_person(connection: Connection, sub: str) -> list[Factor]:
    """The second factors of a person, the oldest first."""
    found = [Factor(kind, *row) for kind, of in _KINDS.items() for row in of.all.rows(connection, {"person": sub})]
    return sorted(found, key=lambda each: each.created_at)


def rename(connection: Connection, sub: str, factor: Factor, name: str) -> None:
    """Call a factor otherwise."""
    _KINDS[factor.kind].rename.run(connection, {"person": sub, "key": factor.id, "called": name})


def remove(connection: Connection, sub: str, factor: Factor) -> bool:
    """Take a factor from a person. False where it is gone already."""
    return _KINDS[factor.kind].remove.run(connection, {"person": sub, "key": factor.id}) == 1


def remove_all(connection: Connection, sub: str) -> int:
    """Take every factor from a person; returns how many."""
    return sum(of.remove_all.run(connection, {"person": sub}) for of in _KINDS.values())
