"""Who was told, and when they are told again, that a second factor will be required of them."""

from sqlalchemy import BigInteger, Connection, bindparam, select

from authserver.store.engine.statement import Statement
from authserver.store.engine.upsert import upsert
from authserver.store.factors.tables import factor_notices as table

_PUT_OFF = upsert(
    table,
    lambda row: row.values(sub=bindparam("person"), next_at=bindparam("until")).on_conflict_do_update(
        index_elements=["sub"], set_={"next_at": bindparam("until")}
    ),
)
_IS_PUT_OFF = Statement(
    select(table.c.sub).where(table.c.sub == bindparam("person"), table.c.next_at > bindparam("now", type_=BigInteger))
)


def put_off(connection: Connection, sub: str, until: int) -> None:
    """Tell a person nothing more until then, in seconds since the epoch."""
    _PUT_OFF.run(connection, {"person": sub, "until": until})


def is_due(connection: Connection, sub: str, now: int) -> bool:
    """Whether a person is to be told now."""
    return _IS_PUT_OFF.row(connection, {"person": sub, "now": now}) is None
