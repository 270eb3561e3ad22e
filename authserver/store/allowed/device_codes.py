"""Device codes: a request waits under one until a person answers it elsewhere, and its client polls for the answer.

RFC 8628 §3.2-3.5. https://www.rfc-editor.org/rfc/rfc8628#section-3.5
"""

from collections.abc import Sequence
from enum import Enum

from sqlalchemy import BigInteger, Connection, LargeBinary, and_, bindparam, case, or_, select, update

from authserver.protocol.digest import digest
from authserver.protocol.request.device_request import DeviceRequest
from authserver.store.allowed import bound, refresh_tokens
from authserver.store.allowed.authorizations import InvalidGrantError, live, unless_ended
from authserver.store.allowed.codes import Redeemed
from authserver.store.allowed.tables import device_codes
from authserver.store.engine import removal
from authserver.store.engine.statement import Statement
from authserver.store.engine.upsert import upsert

# RFC 8628 §3.2, §3.5: seconds between two polls, and how many more after each that comes too soon.
INTERVAL = SLOW_DOWN = 5
# Seconds for which a client that is late still hears that its time is over.
KEPT_AFTER_END = 3600
_table = device_codes.c
_now = bindparam("now", type_=BigInteger)
_INSERT = upsert(
    device_codes,
    lambda row: row.on_conflict_do_nothing().returning(_table.digest),
    columns=(
        *("digest", "user_code", "client_id", "parameters", "code_challenge"),
        *("created_at", "expires_at", "poll_interval"),
    ),
)
_UNANSWERED = (_table.authorization_id.is_(None), _table.denied_at.is_(None), _table.expires_at > _now)
_FIND = Statement(
    select(_table.parameters).where(_table.user_code == bindparam("code", type_=LargeBinary), *_UNANSWERED)
)
_APPROVE = Statement(
    update(device_codes)
    .where(_table.digest == bindparam("key"), *_UNANSWERED)
    .values(authorization_id=bindparam("authorization"))
)
_DENY = Statement(
    update(device_codes)
    .where(
        _table.digest == bindparam("key"),
        _table.redeemed_at.is_(None),
        _table.denied_at.is_(None),
        # Who allowed it may think again; what another person allowed is not theirs to take back.
        or_(_table.authorization_id.is_(None), _table.authorization_id == bindparam("authorization")),
    )
    .values(denied_at=_now)
)
_OF_CLIENT = (_table.digest == bindparam("key"), _table.client_id == bindparam("client"))
_IS_HURRIED = and_(_table.polled_at.is_not(None), _now - _table.polled_at < _table.poll_interval, *_UNANSWERED)
_POLL = Statement(
    update(device_codes)
    .where(*_OF_CLIENT)
    .values(
        polled_at=_now,
        hurried_at=case((_IS_HURRIED, _now), else_=_table.hurried_at),
        poll_interval=case((_IS_HURRIED, _table.poll_interval + SLOW_DOWN), else_=_table.poll_interval),
    )
    .returning(
        _table.hurried_at,
        _table.authorization_id,
        _table.denied_at,
        _table.redeemed_at,
        _table.expires_at,
        _table.code_challenge,
    )
)
_REDEEM = Statement(
    update(device_codes)
    .where(
        *_OF_CLIENT,
        _table.authorization_id.is_not(None),
        _table.denied_at.is_(None),
        _table.redeemed_at.is_(None),
        _table.expires_at > _now,
        _table.code_challenge.is_not_distinct_from(bindparam("challenge")),
    )
    .values(redeemed_at=_now)
    .returning(_table.authorization_id)
)
_AUTHORIZATION = Statement(select(_table.authorization_id).where(*_OF_CLIENT))
_DELETE_EXPIRED = removal.delete_expired(_table.digest, _table.expires_at)


class Poll(Enum):
    """What a poll finds; the values are the errors of RFC 8628 §3.5, where it has one."""

    PENDING = "authorization_pending"
    HURRIED = "slow_down"
    DENIED = "access_denied"
    EXPIRED = "expired_token"
    ALLOWED = "allowed"


def start(connection: Connection, request: DeviceRequest, user_code: bytes, now: int, lifetime: int) -> bool:
    """Keep a request under its device code and the digest of a user code. False where that code is another's."""
    row = {
        "digest": bytes.fromhex(request.device),
        "user_code": user_code,
        "client_id": request.client_id,
        "parameters": request.to_json(),
        "code_challenge": request.code_challenge,
        "created_at": now,
        "expires_at": now + lifetime,
        "poll_interval": INTERVAL,
    }
    return _INSERT.row(connection, row) is not None


def find(connection: Connection, user_code: Sequence[bytes], now: int) -> DeviceRequest | None:
    """The request that waits under a user code, which may be stored under any of these digests; None without one."""
    for each in user_code:
        parameters = _FIND.value(connection, {"code": each, "now": now})
        if parameters is not None:
            return DeviceRequest.from_json(parameters)
    return None


def approve(connection: Connection, request: DeviceRequest, authorization_id: str, now: int) -> bool:
    """Bind the one authorization that answers a request. False where it was answered before or has expired."""
    values = {"key": bytes.fromhex(request.device), "authorization": authorization_id, "now": now}
    return _APPROVE.run(connection, values) == 1


def deny(connection: Connection, request: DeviceRequest, authorization_id: str | None, now: int) -> bool:
    """Refuse a request for good, unless its device has its tokens, or another than this authorization answered it."""
    values = {"key": bytes.fromhex(request.device), "authorization": authorization_id, "now": now}
    return _DENY.run(connection, values) == 1


def poll(connection: Connection, device_code: str, client_id: str, challenge: str | None, now: int) -> Poll:
    """Note a poll of a client, in one statement, and say what it finds.

    Raises InvalidGrantError where the code is unknown, another client's, of another challenge, or redeemed: a replay.
    """
    row = _POLL.row(connection, {"key": digest(device_code), "client": client_id, "now": now})
    if row is None:
        raise InvalidGrantError("The device_code is unknown, expired long ago, or was issued to another client.")
    hurried_at, authorization_id, denied_at, redeemed_at, expires_at, registered = row
    if registered != challenge:
        raise InvalidGrantError("The code_verifier does not match the code_challenge of the device's request.")
    if redeemed_at is not None:
        raise replayed(authorization_id)
    if denied_at is not None:
        return Poll.DENIED
    if expires_at <= now:
        return Poll.EXPIRED
    if authorization_id is not None:
        return Poll.ALLOWED
    return Poll.HURRIED if hurried_at == now else Poll.PENDING


def redeem(
    connection: Connection,
    device_code: str,
    client_id: str,
    challenge: str | None,
    now: int,
    *,
    idle: int | None,
    binds: str | None = None,
) -> Redeemed:
    """Redeem a device code that a person allowed, once. With `idle` (seconds) a refresh token begins.

    `binds` is the key that its refresh tokens are bound to from now on, if any, as a `Confirmation` is stored.
    Raises InvalidGrantError: another redeemed it at the same moment, which is a replay, or what it stood for has ended.
    """
    values = {"key": digest(device_code), "client": client_id, "challenge": challenge, "now": now}
    authorization_id = _REDEEM.value(connection, values)
    if authorization_id is None:
        raise replayed(_AUTHORIZATION.value(connection, values))
    if binds is not None:
        bound.bind(connection, authorization_id, binds)
    authorization = unless_ended(live(connection, authorization_id, now))
    return Redeemed(authorization, None if idle is None else refresh_tokens.start(connection, authorization, now, idle))


def replayed(authorization_id: str | None) -> InvalidGrantError:
    """The refusal of a device code that was redeemed before."""
    reason = "The device_code has already been redeemed, so its tokens have been revoked."
    return InvalidGrantError(reason, replayed=authorization_id)


def delete_expired(connection: Connection, now: int, limit: int) -> int:
    """Remove up to `limit` requests whose time was over an hour ago; returns how many."""
    return _DELETE_EXPIRED.run(connection, {"before": now - KEPT_AFTER_END, "batch": limit})
