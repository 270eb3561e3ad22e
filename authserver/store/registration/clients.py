"""Clients that registered themselves: added, found, replaced, disabled, removed with all that people gave them.

RFC 7592 §2. https://www.rfc-editor.org/rfc/rfc7592#section-2
"""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, delete, func, insert, or_, select, update

from authserver.protocol.digest import digest
from authserver.store.allowed.tables import authorizations, consents
from authserver.store.engine.statement import Statement
from authserver.store.registration.tables import registered_clients as table

_FIELDS = (
    *(table.c.client_id, table.c.metadata, table.c.secret_digest, table.c.allowed, table.c.version),
    *(table.c.created_at, table.c.used_at, table.c.disabled_at),
)
_IT = table.c.client_id == bindparam("client")
_ADD = Statement(insert(table))
_FIND = Statement(select(*_FIELDS).where(_IT))
_BY_TOKEN = Statement(select(*_FIELDS).where(_IT, table.c.token_digest == bindparam("token")))
_PAGE = Statement(
    select(*_FIELDS).where(table.c.client_id > bindparam("after")).order_by(table.c.client_id).limit(bindparam("most"))
)
# What may follow the origin of a URI in JSON: its path, its query, or its end.
_ENDS = {"path": "/", "query": "?", "end": '"'}
# No index: there are never many of them (AUTHSERVER_REGISTERED_CLIENTS).
_MENTIONING = Statement(
    select(*_FIELDS)
    .where(or_(*(table.c.metadata.like(bindparam(each), escape="\\") for each in _ENDS)), table.c.disabled_at.is_(None))
    .limit(bindparam("most"))
)
_COUNT = Statement(select(func.count()).select_from(table))
_VERSIONS = Statement(select(table.c.client_id, table.c.version).where(_IT))
# Of two that replace it at once, the second is refused.
_REPLACE = Statement(
    update(table)
    .where(_IT, table.c.version == bindparam("seen"))
    .values(metadata=bindparam("new_metadata"), secret_digest=bindparam("new_secret"), version=table.c.version + 1)
)
_USED = Statement(
    update(table).where(_IT, table.c.used_at <= bindparam("before", type_=BigInteger)).values(used_at=bindparam("now"))
)
_DISABLE = Statement(
    update(table)
    .where(_IT, table.c.disabled_at.is_(None))
    .values(disabled_at=bindparam("now"), version=table.c.version + 1)
)
_ENABLE = Statement(
    update(table)
    .where(_IT, table.c.disabled_at.is_not(None))
    .values(disabled_at=None, used_at=bindparam("now"), version=table.c.version + 1)
)
_REMOVE = Statement(delete(table).where(_IT))
_REVOKE = Statement(
    update(authorizations)
    .where(authorizations.c.client_id == bindparam("client"), authorizations.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"), sid="")
)
_FORGET = Statement(delete(consents).where(consents.c.client_id == bindparam("client")))
_UNUSED = Statement(
    select(table.c.client_id)
    .where(table.c.used_at <= bindparam("before", type_=BigInteger), table.c.disabled_at.is_(None))
    .limit(bindparam("batch"))
)
DAY = 86400


@dataclass(frozen=True, slots=True)
class Registered:
    """A registered client as it lies here. Times are seconds since the epoch; `allowed` are the scopes it may ask.

    `disabled_at` is None for one that is not disabled.
    """

    client_id: str
    metadata: Mapping[str, Any]
    secret_digest: bytes | None = field(repr=False)
    allowed: tuple[str, ...]
    version: int
    created_at: int
    used_at: int
    disabled_at: int | None = None


def add(
    connection: Connection,
    client_id: str,
    metadata: Mapping[str, Any],
    *,
    secret_digest: bytes | None,
    token: str,
    allowed: Collection[str],
    now: int,
) -> None:
    """Write one down; of its registration access token the digest."""
    row = {"client_id": client_id, "metadata": json.dumps(metadata), "secret_digest": secret_digest}
    more = {"token_digest": digest(token), "allowed": " ".join(sorted(allowed)), "version": 1}
    _ADD.run(connection, row | more | {"created_at": now, "used_at": now, "disabled_at": None})


def find(connection: Connection, client_id: str) -> Registered | None:
    """The client with this id."""
    row = _FIND.row(connection, {"client": client_id})
    return None if row is None else _registered(row)


def of_token(connection: Connection, client_id: str, token: str) -> Registered | None:
    """The client with this id, where this is its registration access token: another's opens nothing."""
    row = _BY_TOKEN.row(connection, {"client": client_id, "token": digest(token)})
    return None if row is None else _registered(row)


def page(connection: Connection, after: str, most: int) -> list[Registered]:
    """Up to `most` clients past this id, by id."""
    return [_registered(row) for row in _PAGE.rows(connection, {"after": after, "most": most})]


def count(connection: Connection) -> int:
    """How many there are."""
    return int(_COUNT.value(connection, {}))


def mentioning(connection: Connection, origin: str, most: int = 100) -> list[Registered]:
    """Up to `most` clients in whose metadata a URI begins with this origin; on SQLite in whatever case."""
    escaped = re.sub(r"([\\%_])", r"\\\1", origin)
    patterns = {name: f'%"{escaped}{end}%' for name, end in _ENDS.items()}
    return [_registered(row) for row in _MENTIONING.rows(connection, {**patterns, "most": most})]


def version(connection: Connection, client_id: str) -> int | None:
    """The version of a client, None without one."""
    row = _VERSIONS.row(connection, {"client": client_id})
    return None if row is None else row[1]


def replace(
    connection: Connection, seen: Registered, metadata: Mapping[str, Any], *, secret_digest: bytes | None
) -> bool:
    """Put other metadata in the place of those that were seen; False where these are no longer the newest."""
    values = {"client": seen.client_id, "seen": seen.version, "new_secret": secret_digest}
    return _REPLACE.run(connection, values | {"new_metadata": json.dumps(metadata)}) == 1


def note_use(connection: Connection, client_id: str, now: int) -> None:
    """Note that it is in use, once a day."""
    _USED.run(connection, {"client": client_id, "before": now - DAY, "now": now})


def disable(connection: Connection, client_id: str, now: int) -> bool:
    """Have it refused everywhere; its tokens are dead at once. False where it is already, or there is none."""
    return _switch(_DISABLE, connection, client_id, now)


def enable(connection: Connection, client_id: str, now: int) -> bool:
    """Take it as before; tokens of before stay dead. False where it is not disabled, or there is none."""
    # A node that had not heard of it may have let people in meanwhile.
    return _switch(_ENABLE, connection, client_id, now)


def _switch(switch: Statement, connection: Connection, client_id: str, now: int) -> bool:
    if switch.run(connection, {"client": client_id, "now": now}) != 1:
        return False
    _REVOKE.run(connection, {"client": client_id, "now": now})
    return True


def remove(connection: Connection, client_id: str, now: int) -> bool:
    """Remove one with all that people allowed it; its tokens are dead at once. False where there is none."""
    if _REMOVE.run(connection, {"client": client_id}) != 1:
        return False
    _REVOKE.run(connection, {"client": client_id, "now": now})
    _FORGET.run(connection, {"client": client_id})
    return True


def unused(connection: Connection, before: int, limit: int) -> list[str]:
    """Up to `limit` clients that nobody has used since the second `before`, and that nobody has disabled."""
    return list(_UNUSED.column(connection, {"before": before, "batch": limit}))


def _registered(row: Sequence[Any]) -> Registered:
    client_id, metadata, secret_digest, allowed, *rest = row
    return Registered(client_id, json.loads(metadata), secret_digest, tuple(allowed.split()), *rest)
