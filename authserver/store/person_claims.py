"""The claims of OpenID Connect Core §5.1 about a person, by the column that holds them."""

from typing import Any

from sqlalchemy import Connection, bindparam, select

from authserver.store.statement import Statement
from authserver.store.tables import users

CLAIMS = {
    "preferred_username": users.c.username,
    "name": users.c.name,
    "given_name": users.c.given_name,
    "family_name": users.c.family_name,
    "picture": users.c.picture,
    "locale": users.c.locale,
    "zoneinfo": users.c.zoneinfo,
    "updated_at": users.c.updated_at,
    "email": users.c.email,
    "email_verified": users.c.email_verified,
}
_OF = Statement(select(*CLAIMS.values()).where(users.c.sub == bindparam("person")))


def of(connection: Connection, sub: str) -> dict[str, Any]:
    """Every claim about a person, None where nothing is known; empty where there is no such person."""
    row = _OF.row(connection, {"person": sub})
    return {} if row is None else dict(zip(CLAIMS, row, strict=True))
