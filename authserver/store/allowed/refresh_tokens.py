"""Refresh tokens: each is used once and replaced by one successor (RFC 9700 §4.14.2).

The successor is kept sealed under the very token it replaced, so that whoever presents that token again within the
grace gets the same successor, while the database alone gives none.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import CTE, BigInteger, Connection, LargeBinary, bindparam, func, insert, select, true, update

from authserver.protocol.digest import digest
from authserver.store.allowed.authorizations import (
    LIVING,
    Authorization,
    InvalidGrantError,
    as_authorization,
    live,
    unless_ended,
)
from authserver.store.allowed.tables import refresh_tokens
from authserver.store.engine import removal
from authserver.store.engine.statement import Statement

_table = refresh_tokens.c
_COLUMNS = ("digest", "authorization_id", "client_id", "issued_at", "expires_at")
_INSERT = Statement(insert(refresh_tokens), columns=_COLUMNS)
_ROTATION = (
    update(refresh_tokens)
    .where(
        _table.digest == bindparam("key"),
        _table.client_id == bindparam("client"),
        _table.replaced_at.is_(None),
        _table.expires_at > bindparam("now"),
    )
    .values(replaced_at=bindparam("now"), successor=bindparam("sealed"))
    .returning(_table.authorization_id)
)
_ROTATE = Statement(_ROTATION)
_rotated = _ROTATION.cte("rotated")
# By a value, not by a join: with young statistics a join would begin at all people, and a prepared plan stays.
_whose = select(_rotated.c.authorization_id).scalar_subquery()
_living = LIVING.where(LIVING.selected_columns.id == _whose).cte("living")


def inserted_for(living: CTE) -> CTE:
    """The INSERT of a refresh token `new_key` for what lives, as a part of the statement that moves."""
    now, idle = bindparam("now", type_=BigInteger), bindparam("idle", type_=BigInteger)
    token = select(
        bindparam("new_key", type_=LargeBinary),
        living.c.id,
        living.c.client_id,
        now,
        func.least(now + idle, living.c.expires_at),
    )
    return insert(refresh_tokens).from_select(_COLUMNS, token).cte("written")


# PostgreSQL alone can write what it has just read, and there each exchange costs more than its work.
_ROTATE_IN_ONE = Statement(
    # Outer: a row without values says that the token was rotated, and what it belongs to has ended.
    select(_living).select_from(_rotated.outerjoin(_living, true())).add_cte(inserted_for(_living))
)
_FIND = Statement(
    select(_table.authorization_id, _table.replaced_at, _table.successor).where(
        _table.digest == bindparam("key"), _table.client_id == bindparam("client")
    )
)
_IS_UNUSED = Statement(
    select(_table.digest).where(
        _table.digest == bindparam("key"), _table.replaced_at.is_(None), _table.expires_at > bindparam("now")
    )
)
_DELETE_EXPIRED = removal.delete_expired(_table.digest, _table.expires_at)
# The key below seals one message only, so a constant nonce never meets the same key twice.
_NONCE = bytes(12)


@dataclass(frozen=True, slots=True)
class Rotation:
    """The successor of a presented token and what it stands for. `again` marks the same successor given once more."""

    refresh_token: str
    authorization: Authorization
    again: bool = False


def start(connection: Connection, authorization: Authorization, now: int, idle: int) -> str:
    """The first refresh token of an authorization. It lives `idle` seconds, never past the authorization."""
    token = secrets.token_urlsafe(32)
    _insert(connection, token, authorization, now, idle)
    return token


def rotate(connection: Connection, presented: str, client_id: str, now: int, *, idle: int, grace: int) -> Rotation:
    """Replace a refresh token by its successor. Of any number at once exactly one makes it, and all get the same.

    Raises InvalidGrantError; used after its grace, or after its successor, a token is a replay of its authorization.
    """
    successor = secrets.token_urlsafe(32)
    values = {"key": digest(presented), "client": client_id, "now": now, "sealed": _seal(presented, successor)}
    if connection.dialect.name == "postgresql":
        row = _ROTATE_IN_ONE.row(connection, {**values, "new_key": digest(successor), "idle": idle})
        if row is None:
            return _present_again(connection, presented, values, now, grace)
        return Rotation(successor, unless_ended(as_authorization(row) if row[0] is not None else None))
    row = _ROTATE.row(connection, values)
    if row is None:
        return _present_again(connection, presented, values, now, grace)
    authorization = unless_ended(live(connection, row[0], now))
    _insert(connection, successor, authorization, now, idle)
    return Rotation(successor, authorization)


def find(connection: Connection, token: str, client_id: str) -> str | None:
    """The authorization a client's refresh token belongs to, spent or not."""
    authorization_id: str | None = _FIND.value(connection, {"key": digest(token), "client": client_id})
    return authorization_id


def delete_expired(connection: Connection, now: int, limit: int) -> int:
    """Remove up to `limit` expired refresh tokens; returns how many."""
    return _DELETE_EXPIRED.run(connection, {"before": now, "batch": limit})


def _present_again(connection: Connection, presented: str, values: Mapping[str, Any], now: int, grace: int) -> Rotation:
    row = _FIND.row(connection, values)
    if row is None:
        raise InvalidGrantError("The refresh token is unknown or was issued to another client.")
    authorization_id, replaced_at, sealed = row
    if replaced_at is None:
        raise InvalidGrantError("The refresh token has expired.")
    successor = _unseal(presented, sealed)
    unused = _IS_UNUSED.row(connection, {"key": digest(successor), "now": now})
    # abs: a clock that was set back must not make the grace longer.
    if unused is None or abs(now - replaced_at) >= grace:
        reason = "The refresh token has already been used, so the authorization has been revoked."
        raise InvalidGrantError(reason, replayed=authorization_id)
    return Rotation(successor, unless_ended(live(connection, authorization_id, now)), again=True)


def _insert(connection: Connection, token: str, authorization: Authorization, now: int, idle: int) -> None:
    _INSERT.run(
        connection,
        {
            "digest": digest(token),
            "authorization_id": authorization.id,
            "client_id": authorization.client_id,
            "issued_at": now,
            # RFC 9700 §4.14.2, ASVS 10.4.8: rotation does not extend the whole.
            "expires_at": min(now + idle, authorization.expires_at),
        },
    )


def _cipher(presented: str) -> AESGCM:
    return AESGCM(hmac.digest(presented.encode(), b"authserver refresh token successor", "sha256"))


def _seal(presented: str, successor: str) -> bytes:
    return _cipher(presented).encrypt(_NONCE, successor.encode(), None)


def _unseal(presented: str, sealed: bytes) -> str:
    return _cipher(presented).decrypt(_NONCE, sealed, None).decode()
