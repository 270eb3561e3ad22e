"""Whose an email address is: kept as it was given, and one person's alone by its key.

Two accounts of an earlier release can have one address in two spellings. It is then nobody's: neither is found by it,
and nobody else is given it, until one of them has another; then it is the other's.
"""

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, exists, func, select, update
from sqlalchemy.exc import IntegrityError

from authserver.protocol.person.email_address import email_fault, email_key
from authserver.store import links
from authserver.store.engine.statement import Statement
from authserver.store.tables import users


class LoginError(ValueError):
    """A username or email address that cannot be given: malformed, or taken. The text says which."""


_table = users.c
_same = users.alias()
_PUT = Statement(
    update(users)
    .where(_table.sub == bindparam("person"))
    .values(
        updated_at=bindparam("now"),
        email=bindparam("new_email"),
        email_verified=bindparam("is_verified"),
        email_key=bindparam("new_email_key"),
        contested_key=None,
    )
)
_VERIFY = Statement(
    update(users)
    .where(_table.sub == bindparam("person"), _table.email == bindparam("same_email"))
    .values(updated_at=bindparam("now"), email_verified=bindparam("is_verified"))
)
_IS_CONTESTED = Statement(
    select(exists().where(_table.contested_key == bindparam("key"), _table.sub != bindparam("person")))
)
_CONTESTED_BY = Statement(select(_table.contested_key).where(_table.sub == bindparam("person")))
_SETTLE = Statement(
    update(users)
    .where(
        _table.contested_key == bindparam("key"),
        select(func.count()).where(_same.c.contested_key == bindparam("key")).scalar_subquery() == 1,
    )
    .values(email_key=bindparam("key"), contested_key=None)
)
_CONTESTED = Statement(select(_table.sub).where(_table.contested_key.is_not(None)))


def put(connection: Connection, sub: str, email: str | None, now: int, *, is_verified: bool) -> None:
    """Give a person this address, or none, or say anew of theirs whether it is verified; links sent before are void.

    Raises `LoginError` where it is malformed or taken, or verified without being there.
    """
    if email is None and is_verified:
        raise LoginError("there is no email address to verify")
    values = {"person": sub, "now": now, "is_verified": is_verified}
    if _VERIFY.run(connection, values | {"same_email": email}) == 0:
        _replace(connection, sub, email, values)
    links.void(connection, sub, now)


def _replace(connection: Connection, sub: str, email: str | None, values: Mapping[str, object]) -> None:
    if email is not None:
        check_free(connection, email, sub)
    left = contested_by(connection, sub)
    given = {"new_email": email, "new_email_key": email_key(email) if email else None}
    try:
        with connection.begin_nested():
            _PUT.run(connection, {**values, **given})
    except IntegrityError:
        raise LoginError("this email address is taken") from None
    settle(connection, left)


def check_free(connection: Connection, email: str, sub: str = "") -> None:
    """Raise `LoginError` where an address is malformed, or contested by others than this person."""
    if fault := email_fault(email):
        raise LoginError(fault)
    if _IS_CONTESTED.value(connection, {"key": email_key(email), "person": sub}):
        raise LoginError("this email address is taken")


def contested_by(connection: Connection, sub: str) -> str | None:
    """The key of the address that a person and somebody else have, if they do."""
    key: str | None = _CONTESTED_BY.value(connection, {"person": sub})
    return key


def settle(connection: Connection, key: str | None) -> None:
    """Give a contested address to the one who has it still, now that somebody has it no more."""
    if key is not None:
        _SETTLE.run(connection, {"key": key})


def contested(connection: Connection) -> set[str]:
    """The `sub`s of everybody who has an address that another account has, too."""
    return set(_CONTESTED.column(connection))
