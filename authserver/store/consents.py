"""Consents: the scopes and audiences that a person has allowed a client."""

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from authserver.protocol.interaction import Remembered
from authserver.store.tables import consents

_FIND = select(consents.c.scope, consents.c.audiences).where(
    consents.c.sub == bindparam("sub"), consents.c.client_id == bindparam("client")
)
_REMEMBER = {
    dialect.__name__.rsplit(".", 1)[-1]: (statement := dialect.insert(consents)).on_conflict_do_update(
        index_elements=["sub", "client_id"],
        set_={name: statement.excluded[name] for name in ("scope", "audiences", "granted_at")},
    )
    for dialect in (sqlite, postgresql)
}


def find(connection: Connection, sub: str, client_id: str) -> Remembered:
    """What this person has allowed this client; nothing where nothing is known."""
    row = connection.execute(_FIND, {"sub": sub, "client": client_id}).one_or_none()
    return Remembered() if row is None else Remembered(frozenset(row.scope.split()), frozenset(row.audiences.split()))


def remember(
    connection: Connection, sub: str, client_id: str, scope: tuple[str, ...], audiences: tuple[str, ...], now: int
) -> None:
    """Add to what this person has allowed this client. Call it within a write transaction."""
    known = find(connection, sub, client_id)
    connection.execute(
        _REMEMBER[connection.dialect.name],
        {
            "sub": sub,
            "client_id": client_id,
            "scope": " ".join(sorted(known.scope.union(scope))),
            "audiences": " ".join(sorted(known.audiences.union(audiences))),
            "granted_at": now,
        },
    )
