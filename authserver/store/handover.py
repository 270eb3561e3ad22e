"""An account in the hands of its owner: one change at a time, and nothing left of who had it before."""

from sqlalchemy import BigInteger, Connection, bindparam, delete, select, update

from authserver.store import links
from authserver.store.allowed.tables import consents
from authserver.store.engine.statement import Statement
from authserver.store.tables import devices, identities, user_roles, users
from authserver.store.users import Ended, end_access

_HOLD = Statement(select(users.c.sub).where(users.c.sub == bindparam("key")).with_for_update())
_HAND_OVER = Statement(
    update(users)
    .where(users.c.sub == bindparam("person"))
    .values(password_hash=None, email_verified=True, updated_at=bindparam("now", type_=BigInteger))
)
# Roles by a provider came with an identity that goes; those of an administrator are for whose the address is.
_UNMAP = Statement(delete(user_roles).where(user_roles.c.sub == bindparam("person"), user_roles.c.source != "admin"))
_FORGET = [
    Statement(delete(table).where(table.c.sub == bindparam("person"))) for table in (consents, devices, identities)
]


def hold(connection: Connection, sub: str) -> None:
    """Let nobody else who holds this person change what hangs on them until the transaction ends."""
    _HOLD.run(connection, {"key": sub})


def hand_over(connection: Connection, sub: str, now: int) -> Ended:
    """Give an account whose address nobody had proven to the owner of the address, who has proven it now.

    Nothing by which somebody else could get in outlives this: password, sessions, authorizations, links, identities,
    and the roles that a provider gave. Roles and groups by an administrator stay. They were given to the person whom
    the administrator named by this address, nobody else can have planted them, and they are no way in: whoever is
    added without a password and sets the first one by mail comes this way, too.
    """
    _HAND_OVER.run(connection, {"person": sub, "now": now})
    links.void(connection, sub, now)
    ended = end_access(connection, sub, now)
    for forget in (*_FORGET, _UNMAP):
        forget.run(connection, {"person": sub})
    return ended
