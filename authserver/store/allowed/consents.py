"""Consents: the scopes and audiences that a person has allowed a client."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, delete, select, update

from authserver.protocol.interaction import Remembered
from authserver.store.allowed.tables import consents
from authserver.store.engine.statement import Statement
from authserver.store.engine.upsert import upsert

_OF_PERSON_AND_CLIENT = select(consents.c.scope, consents.c.audiences, consents.c.api_scopes).where(
    consents.c.sub == bindparam("person"), consents.c.client_id == bindparam("client")
)
_FIND = Statement(_OF_PERSON_AND_CLIENT)
# SQLite has no row locks and needs none: one transaction writes at a time.
_FIND_LOCKED = Statement(_OF_PERSON_AND_CLIENT.with_for_update())
_BEGIN = upsert(
    consents,
    lambda row: row.values(
        sub=bindparam("person"), client_id=bindparam("client"), scope="", audiences="", granted_at=bindparam("now")
    ).on_conflict_do_nothing(),
)
_FORGET = Statement(
    delete(consents).where(consents.c.sub == bindparam("person"), consents.c.client_id == bindparam("client"))
)
_SET = Statement(
    update(consents)
    .where(consents.c.sub == bindparam("person"), consents.c.client_id == bindparam("client"))
    .values(
        scope=bindparam("all_scope"),
        audiences=bindparam("all_audiences"),
        api_scopes=bindparam("all_api_scopes"),
        granted_at=bindparam("now"),
    )
)


def find(connection: Connection, sub: str, client_id: str) -> Remembered:
    """What this person has allowed this client; nothing where nothing is known."""
    row = _FIND.row(connection, {"person": sub, "client": client_id})
    return Remembered() if row is None else remembered(row)


def remember(
    connection: Connection,
    sub: str,
    client_id: str,
    scope: tuple[str, ...],
    audiences: tuple[str, ...],
    now: int,
    *,
    api_scopes: tuple[str, ...] = (),
) -> None:
    """Add to what this person has allowed this client: of many consents at once none is lost.

    The APIs with these audiences are allowed as a whole, of others these `api_scopes`.
    """
    _BEGIN.run(connection, {"person": sub, "client": client_id, "now": now})
    known = find_locked(connection, sub, client_id) or Remembered()
    replace(
        connection,
        sub,
        client_id,
        known.scope.union(scope),
        known.audiences.union(audiences),
        known.api_scopes.union(api_scopes),
        now,
    )


def find_locked(connection: Connection, sub: str, client_id: str) -> Remembered | None:
    """What this person has allowed this client, until the transaction ends for nobody else to change."""
    row = _FIND_LOCKED.row(connection, {"person": sub, "client": client_id})
    return None if row is None else remembered(row)


def replace(
    connection: Connection,
    sub: str,
    client_id: str,
    scope: frozenset[str],
    audiences: frozenset[str],
    api_scopes: frozenset[str],
    now: int,
) -> None:
    """Remember this and nothing else, under the lock of `find_locked`."""
    values = {
        "all_scope": " ".join(sorted(scope)),
        "all_audiences": " ".join(sorted(audiences)),
        "all_api_scopes": " ".join(sorted(api_scopes)),
    }
    _SET.run(connection, values | {"person": sub, "client": client_id, "now": now})


def forget(connection: Connection, sub: str, client_id: str) -> bool:
    """Let this person be asked again. False where nothing was remembered."""
    return _FORGET.run(connection, {"person": sub, "client": client_id}) == 1


def remembered(row: Sequence[str | None]) -> Remembered:
    """A row of scope, audiences and scopes of APIs, or of nothing."""
    scope, audiences, api_scopes = (frozenset((each or "").split()) for each in row)
    return Remembered(scope, audiences, api_scopes, tuple(each for each in row if each is not None))
