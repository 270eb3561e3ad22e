"""By what a person can prove who they are: one look for whoever must know what they could do next."""

from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, exists, select

from authserver.store.engine.statement import Statement
from authserver.store.factors.tables import passkeys, recovery_codes, totp
from authserver.store.tables import identities, users

_HAS: tuple[Any, ...] = (
    users.c.password_hash.is_not(None),
    exists().where(totp.c.sub == users.c.sub),
    exists().where(passkeys.c.sub == users.c.sub),
    exists().where(recovery_codes.c.sub == users.c.sub, recovery_codes.c.used_at.is_(None)),
    exists().where(identities.c.sub == users.c.sub),
)
_FIND = Statement(select(*_HAS).where(users.c.sub == bindparam("person")))
PAGE = 1000
_PAGE = Statement(
    select(users.c.sub, users.c.username, *_HAS)
    .where(users.c.sub > bindparam("after"), users.c.disabled_at.is_(None))
    .order_by(users.c.sub)
    .limit(PAGE)
)
_METHODS = ("pwd", "otp", "passkey", "recovery_code", "provider")


def of_person(connection: Connection, sub: str) -> frozenset[str]:
    """The methods, as in `protocol/acr.py`, that this person has set up."""
    row = _FIND.row(connection, {"person": sub})
    return frozenset() if row is None else _methods(tuple(row))


def of_everybody(connection: Connection) -> dict[str, frozenset[str]]:
    """The methods of everybody who may sign in, by username; read in pages, however many people there are."""
    found: dict[str, frozenset[str]] = {}
    after = ""
    while rows := _PAGE.rows(connection, {"after": after}):
        found |= {row[1]: _methods(row[2:]) for row in rows}
        after = rows[-1][0]
    return found


@cache
def _methods(has: tuple[Any, ...]) -> frozenset[str]:
    return frozenset(name for name, is_there in zip(_METHODS, has, strict=True) if is_there)
