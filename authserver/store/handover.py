"""An account in the hands of its owner: one change at a time, and nothing left of who had it before."""

from sqlalchemy import BigInteger, Connection, bindparam, delete, select, update

from authserver.store import links
from authserver.store.tables import consents, devices, identities, users
from authserver.store.users import end_access

_HOLD = select(users.c.sub).where(users.c.sub == bindparam("key")).with_for_update()
_HAND_OVER = (
    update(users)
    .where(users.c.sub == bindparam("person"))
    .values(password_hash=None, email_verified=True, updated_at=bindparam("now", type_=BigInteger))
)
_FORGET = [delete(table).where(table.c.sub == bindparam("person")) for table in (consents, devices, identities)]


def hold(connection: Connection, sub: str) -> None:
    """Let nobody else who holds this person change what hangs on them until the transaction ends."""
    connection.execute(_HOLD, {"key": sub})


def hand_over(connection: Connection, sub: str, now: int) -> None:
    """Give an account whose address nobody had proven to the owner of the address, who has proven it now.

    Nothing by which somebody else could get in outlives this: password, sessions, authorizations, links, identities.
    """
    connection.execute(_HAND_OVER, {"person": sub, "now": now})
    links.void(connection, sub, now)
    end_access(connection, sub, now)
    for forget in _FORGET:
        connection.execute(forget, {"person": sub})
