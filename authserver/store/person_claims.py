"""The claims of OpenID Connect Core §5.1 about a person, by the column that holds them."""

from typing import Any

from sqlalchemy import Connection, bindparam, select

from authserver.protocol.person.claims import PERSON_CLAIMS
from authserver.store.engine.statement import Statement
from authserver.store.tables import users

CLAIMS = {claim.name: users.c[claim.kept_in] for claim in PERSON_CLAIMS}
_OF = Statement(select(*CLAIMS.values()).where(users.c.sub == bindparam("person")))


def of(connection: Connection, sub: str) -> dict[str, Any]:
    """Every claim about a person, None where nothing is known; empty where there is no such person."""
    row = _OF.row(connection, {"person": sub})
    return {} if row is None else dict(zip(CLAIMS, row, strict=True))
