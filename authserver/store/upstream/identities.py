"""Who vouches for whom: identities at providers, each the sign-in of one person.

An identity is (issuer, subject) and nothing else: an email address names nobody (OpenID Connect Core §5.7).
"""

from dataclasses import dataclass

from sqlalchemy import BigInteger, Connection, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from authserver.store.engine.statement import Statement
from authserver.store.tables import identities

_table = identities.c


@dataclass(frozen=True, slots=True)
class Identity:
    """An identity and the person it signs in. Times are seconds since the epoch."""

    issuer: str
    subject: str
    sub: str
    provider: str
    email: str | None
    created_at: int
    last_used_at: int


_FIELDS = (
    _table.issuer,
    _table.subject,
    _table.sub,
    _table.provider,
    _table.email,
    _table.created_at,
    _table.last_used_at,
)
_IS = (_table.issuer == bindparam("at"), _table.subject == bindparam("who"))
_FIND = Statement(select(*_FIELDS).where(*_IS))
_OF_PERSON = Statement(
    select(*_FIELDS).where(_table.sub == bindparam("person")).order_by(_table.created_at, _table.subject)
)
_INSERT = Statement(insert(identities))
_USE = Statement(
    update(identities)
    .where(*_IS)
    .values(
        provider=bindparam("via"),
        email=bindparam("address"),
        last_used_at=bindparam("now", type_=BigInteger),
        sealed_tokens=bindparam("tokens"),
    )
)
_REMOVE = Statement(delete(identities).where(_table.sub == bindparam("person"), *_IS))


def find(connection: Connection, issuer: str, subject: str) -> Identity | None:
    """The identity, where somebody signs in with it."""
    row = _FIND.row(connection, {"at": issuer, "who": subject})
    return None if row is None else Identity(*row)


def of_person(connection: Connection, sub: str) -> list[Identity]:
    """The identities of a person, the oldest first."""
    return [Identity(*row) for row in _OF_PERSON.rows(connection, {"person": sub})]


def add(
    connection: Connection,
    *,
    issuer: str,
    subject: str,
    sub: str,
    provider: str,
    email: str | None,
    sealed_tokens: bytes | None,
    now: int,
) -> bool:
    """Let an identity sign this person in. False where it signs in somebody already: of two at once one gets it."""
    row = {"issuer": issuer, "subject": subject, "sub": sub, "provider": provider, "email": email}
    try:
        with connection.begin_nested():
            values = row | {"created_at": now, "last_used_at": now, "sealed_tokens": sealed_tokens}
            _INSERT.run(connection, values)
    except IntegrityError:
        return False
    return True


def note_use(
    connection: Connection, identity: Identity, provider: str, email: str | None, sealed_tokens: bytes | None, now: int
) -> None:
    """Note a sign-in, under today's name of the provider, with the address that it tells of now."""
    values = {"at": identity.issuer, "who": identity.subject, "via": provider, "address": email}
    _USE.run(connection, values | {"tokens": sealed_tokens, "now": now})


def remove(connection: Connection, sub: str, issuer: str, subject: str) -> bool:
    """Take an identity from a person. False where it is not theirs."""
    return _REMOVE.run(connection, {"person": sub, "at": issuer, "who": subject}) == 1
