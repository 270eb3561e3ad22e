"""What a person says of themselves."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, update

from authserver.protocol.person.claims import PROFILE
from authserver.store import person_claims
from authserver.store.engine.statement import Statement
from authserver.store.tables import users

_SET = Statement(
    update(users)
    .where(users.c.sub == bindparam("person"))
    .values(updated_at=bindparam("now"), **{name: bindparam(f"new_{name}") for name in PROFILE})
)


_SET_OWN = Statement(
    update(users)
    .where(users.c.sub == bindparam("person"))
    .values(updated_at=bindparam("now"), own_claims=bindparam("new_claims"))
)


def set_own_claims(connection: Connection, sub: str, claims: Mapping[str, Any], now: int) -> None:
    """Replace the claims about a person that an administrator declares, and those that were declared once."""
    _SET_OWN.run(connection, {"person": sub, "now": now, "new_claims": person_claims.own_kept(claims)})


def set_profile(connection: Connection, sub: str, profile: Mapping[str, Any], now: int) -> None:
    """Replace what is said of a person; `profile` has every name of the table of claims, None for nothing."""
    values = {f"new_{name}": value for name, value in person_claims.kept(profile).items()}
    _SET.run(connection, {"person": sub, "now": now} | values)
