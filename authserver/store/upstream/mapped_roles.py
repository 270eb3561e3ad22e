"""Roles that follow from what a provider says of a person: kept apart from what an administrator gave, and for a time.

They count in sessions that this provider vouched for, and in authorizations out of these.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import BigInteger, Connection, String, bindparam, cast, delete, func, literal_column, select, update

from authserver.store.engine.statement import Statement
from authserver.store.engine.upsert import upsert
from authserver.store.tables import user_roles, users

PREFIX = "provider:"
_table = user_roles.c
_OF_SOURCE = (_table.sub == bindparam("person"), _table.source == bindparam("from"))
_FIND = Statement(select(_table.role).where(*_OF_SOURCE))
_DELETE = Statement(delete(user_roles).where(*_OF_SOURCE, _table.role.not_in(bindparam("kept", expanding=True))))
# Two that sign in at once may write the same row.
_PUT = upsert(
    user_roles,
    lambda row: row.on_conflict_do_update(
        index_elements=[_table.sub, _table.role, _table.source], set_={"expires_at": row.excluded.expires_at}
    ),
)
_TOUCH = Statement(
    update(users).where(users.c.sub == bindparam("person")).values(updated_at=bindparam("now", type_=BigInteger))
)
# Names of providers and roles have neither "=" nor space in them.
MAPPED = (
    select(
        func.aggregate_strings(
            _table.source + "=" + _table.role + "=" + cast(_table.expires_at, String),
            literal_column("' '"),  # type: ignore[arg-type]
        )
    )
    .where(_table.sub == users.c.sub, _table.source.startswith(PREFIX), _table.expires_at.is_not(None))
    .correlate(users)
    .scalar_subquery()
    .label("mapped")
)


@dataclass(frozen=True, slots=True, order=True)
class MappedRole:
    """A role by the rules of a provider. It counts until `expires_at`, in seconds since the epoch."""

    provider: str
    role: str
    expires_at: int


def mapped_roles_of(aggregated: str | None) -> tuple[MappedRole, ...]:
    """What `MAPPED` gave, sorted."""
    parts = (each.removeprefix(PREFIX).split("=") for each in (aggregated or "").split())
    return tuple(sorted(MappedRole(provider, role, int(end)) for provider, role, end in parts))


def map_roles(
    connection: Connection, sub: str, provider: str, roles: Collection[str], now: int, *, lifetime: int
) -> bool:
    """Set a person's roles to exactly these by one provider, for `lifetime` seconds; what others gave stays.

    False where they are those of the last time: then they last longer, and no more.
    """
    values = {"person": sub, "from": PREFIX + provider}
    before, wanted = set(_FIND.column(connection, values)), sorted(set(roles))
    _DELETE.run(connection, values | {"kept": wanted})
    rows = [{"sub": sub, "role": role, "source": PREFIX + provider, "expires_at": now + lifetime} for role in wanted]
    _PUT.run_each(connection, rows)
    if before == set(wanted):
        return False
    _TOUCH.run(connection, {"person": sub, "now": now})
    return True
