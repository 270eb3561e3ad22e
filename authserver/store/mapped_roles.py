"""Roles that follow from what a provider says of a person: kept apart from what an administrator gave."""

from collections.abc import Iterable

from sqlalchemy import BigInteger, Connection, bindparam, delete, insert, select, update

from authserver.store.tables import user_roles, users

_OF_SOURCE = (user_roles.c.sub == bindparam("person"), user_roles.c.source == bindparam("from"))
_FIND = select(user_roles.c.role).where(*_OF_SOURCE)
_DELETE = delete(user_roles).where(*_OF_SOURCE)
_INSERT = insert(user_roles)
_TOUCH = update(users).where(users.c.sub == bindparam("person")).values(updated_at=bindparam("now", type_=BigInteger))


def map_roles(connection: Connection, sub: str, source: str, roles: Iterable[str], now: int) -> bool:
    """Give a person exactly these roles out of one source; what others gave stays. False where nothing changed."""
    values = {"person": sub, "from": source}
    wanted = set(roles)
    if set(connection.scalars(_FIND, values)) == wanted:
        return False
    connection.execute(_DELETE, values)
    rows = [{"sub": sub, "role": role, "source": source} for role in sorted(wanted)]
    if rows:
        connection.execute(_INSERT, rows)
    connection.execute(_TOUCH, {"person": sub, "now": now})
    return True
