"""Binding the refresh tokens of an authorization to a key, once (RFC 9449 §5).

https://www.rfc-editor.org/rfc/rfc9449#section-5
"""

from sqlalchemy import Connection, bindparam, update

from authserver.store.allowed.tables import authorizations
from authserver.store.engine.statement import Statement

_BIND = Statement(
    update(authorizations)
    .where(authorizations.c.id == bindparam("key"), authorizations.c.bound_to.is_(None))
    .values(bound_to=bindparam("new_key"))
)


def bind(connection: Connection, authorization_id: str, key: str) -> bool:
    """Bind them to a key, as a `Confirmation` is stored; False where they are bound already."""
    return _BIND.run(connection, {"key": authorization_id, "new_key": key}) == 1
