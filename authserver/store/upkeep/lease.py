"""Who of all nodes is in charge of a task. It is theirs for a while, and then free for any."""

from sqlalchemy import BigInteger, Column, Connection, String, Table, bindparam, or_

from authserver.store.engine.upsert import upsert
from authserver.store.tables import metadata

leases: Table = Table(
    "leases",
    metadata,
    Column("task", String(32), primary_key=True),
    Column("holder", String(32), nullable=False),
    Column("until", BigInteger, nullable=False),
)
_TAKE = upsert(
    leases,
    lambda row: (
        row.values(task=bindparam("what"), holder=bindparam("who"), until=bindparam("end"))
        .on_conflict_do_update(
            index_elements=["task"],
            set_={"holder": bindparam("who"), "until": bindparam("end")},
            where=or_(leases.c.holder == bindparam("who"), leases.c.until <= bindparam("now")),
        )
        .returning(leases.c.task)
    ),
)


def take(connection: Connection, task: str, holder: str, now: int, seconds: int) -> bool:
    """Take or extend the lease of a task for so many seconds; False while it is another's. Of many one gets it."""
    values = {"what": task, "who": holder, "end": now + seconds, "now": now}
    return _TAKE.row(connection, values) is not None
