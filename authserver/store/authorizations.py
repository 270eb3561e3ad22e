"""Authorizations: one person's yes to one client, the code that delivers it, and its end.

The code lives on the row of its authorization, so redeeming it is one statement that also returns what was granted.
A redeemed code stays until it would have expired, so that a replay is recognised (RFC 6749 §4.1.2).
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from authserver.protocol.authorization_request import AuthorizationRequest
from authserver.protocol.digest import digest
from authserver.store.statement import Statement
from authserver.store.tables import authorizations, sessions, user_groups, user_roles, users


class RefusedError(Exception):
    """A one-way move that may not be made: `reason` is constant ASCII text for the client, `detail` for the log.

    `replayed` names the authorization whose code or refresh token its own client used again.
    """

    def __init__(self, reason: str, *, detail: str = "", replayed: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail
        self.replayed = replayed


@dataclass(frozen=True, slots=True)
class Authorization:
    """What was granted, with the person's roles as they are now. Times are seconds since the epoch."""

    id: str
    client_id: str
    sub: str
    sid: str
    scope: tuple[str, ...]
    audiences: tuple[str, ...]
    offline: bool
    auth_time: int
    amr: tuple[str, ...]
    nonce: str | None
    expires_at: int
    roles: tuple[str, ...]
    session_seen_at: int | None
    acr: str | None
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Redemption:
    """What a token request brings to redeem a code."""

    code: str
    client_id: str
    redirect_uri: str | None
    code_challenge: str | None


_now = bindparam("now", type_=BigInteger)
_table = authorizations.c
_ROLES = (
    # A literal: SQLAlchemy would render a bound separator anew at every execution.
    select(func.aggregate_strings(user_roles.c.role, literal_column("' '")))  # type: ignore[arg-type]
    .where(user_roles.c.sub == users.c.sub)
    .scalar_subquery()
)
_GROUPS = (
    select(func.aggregate_strings(user_groups.c.group_name, literal_column("' '")))  # type: ignore[arg-type]
    .where(user_groups.c.sub == users.c.sub)
    .scalar_subquery()
)
ROLES_AND_GROUPS = (_ROLES.label("roles"), _GROUPS.label("groups"))
LIVE = (
    _table.revoked_at.is_(None),
    _table.expires_at > _now,
    users.c.disabled_at.is_(None),
    # OpenID Connect Core §11: only offline access outlives the session.
    or_(
        _table.offline,
        and_(
            sessions.c.ended_at.is_(None),
            sessions.c.expires_at > _now,
            sessions.c.last_seen_at + sessions.c.idle > _now,
        ),
    ),
)
WITH_PERSON = authorizations.join(users, users.c.sub == _table.sub).outerjoin(sessions, sessions.c.sid == _table.sid)

LIVING = (
    select(
        _table.id,
        _table.client_id,
        _table.sub,
        _table.sid,
        _table.scope,
        _table.audiences,
        _table.offline,
        _table.auth_time,
        _table.amr,
        _table.nonce,
        _table.expires_at,
        sessions.c.last_seen_at,
        _table.acr,
        *ROLES_AND_GROUPS,
    )
    .select_from(WITH_PERSON)
    .where(*LIVE)
)
_LIVE = Statement(LIVING.where(_table.id == bindparam("id")))
_START = Statement(
    insert(authorizations),
    columns=(
        *("id", "client_id", "sub", "sid", "scope", "audiences", "offline", "auth_time", "amr", "acr"),
        *("created_at", "expires_at", "code_digest", "code_expires_at", "redirect_uri", "redirect_uri_given"),
        *("code_challenge", "nonce"),
    ),
)
_REDEEM = Statement(
    update(authorizations)
    .where(
        _table.code_digest == bindparam("digest"),
        _table.client_id == bindparam("client"),
        _table.code_redeemed_at.is_(None),
        _table.code_expires_at > _now,
        or_(
            _table.redirect_uri == bindparam("uri"),
            and_(_table.redirect_uri_given.is_(False), bindparam("uri").is_(None)),
        ),
        _table.code_challenge.is_not_distinct_from(bindparam("challenge")),
    )
    .values(code_redeemed_at=_now)
    .returning(_table.id)
)
_EXPLAIN = select(
    _table.id, _table.code_redeemed_at, _table.code_expires_at, _table.code_challenge, _table.redirect_uri
).where(_table.code_digest == bindparam("digest"), _table.client_id == bindparam("client"))
_REISSUE = (
    update(authorizations)
    .where(
        _table.id == bindparam("key"),
        _table.sub == bindparam("person"),
        _table.code_redeemed_at.is_(None),
        _table.revoked_at.is_(None),
    )
    .values(code_digest=bindparam("new_digest"), code_expires_at=bindparam("new_end"))
)
_REVOKE = (
    update(authorizations).where(_table.id == bindparam("key"), _table.revoked_at.is_(None)).values(revoked_at=_now)
)
_DELETE_EXPIRED = delete(authorizations).where(
    _table.id.in_(select(_table.id).where(_table.expires_at <= bindparam("before")).limit(bindparam("batch")))
)


def start(
    connection: Connection,
    request: AuthorizationRequest,
    *,
    sub: str,
    sid: str,
    auth_time: int,
    amr: tuple[str, ...],
    acr: str | None = None,
    now: int,
    code_lifetime: int,
    expires_at: int,
) -> tuple[str, str]:
    """Write down one yes; returns the authorization's id and the code, which is kept nowhere else."""
    key, code = secrets.token_urlsafe(16), secrets.token_urlsafe(32)
    _START.run(
        connection,
        {
            "id": key,
            "client_id": request.client_id,
            "sub": sub,
            "sid": sid,
            "scope": " ".join(request.scope),
            "audiences": " ".join(request.audiences),
            "offline": "offline_access" in request.scope,
            "auth_time": auth_time,
            "amr": " ".join(amr),
            "acr": acr,
            "created_at": now,
            "expires_at": expires_at,
            "code_digest": digest(code),
            "code_expires_at": now + code_lifetime,
            "redirect_uri": request.redirect_uri,
            "redirect_uri_given": request.redirect_uri_given,
            "code_challenge": request.code_challenge,
            "nonce": request.nonce,
        },
    )
    return key, code


def reissue_code(connection: Connection, authorization_id: str, sub: str, now: int, code_lifetime: int) -> str | None:
    """A new code in place of one that was not redeemed; None where it was, is revoked, or is another person's."""
    code = secrets.token_urlsafe(32)
    values = {"key": authorization_id, "person": sub, "new_digest": digest(code), "new_end": now + code_lifetime}
    return code if connection.execute(_REISSUE, values).rowcount == 1 else None


def redeem(connection: Connection, redemption: Redemption, now: int) -> Authorization:
    """Redeem a code, once: bound to client, redirect URI and PKCE challenge (RFC 6749 §4.1.3, RFC 7636 §4.6).

    Raises RefusedError; who is not the owner burns nothing, and only the owner's replay is named as one.
    """
    values = {
        "digest": digest(redemption.code),
        "client": redemption.client_id,
        "uri": redemption.redirect_uri,
        "challenge": redemption.code_challenge,
        "now": now,
    }
    redeemed = _REDEEM.row(connection, values)
    if redeemed is None:
        raise _refusal(connection, redemption, values)
    authorization = live(connection, redeemed[0], now)
    if authorization is None:
        raise RefusedError("The authorization has ended: the person signed out, was disabled, or withdrew it.")
    return authorization


def live(connection: Connection, authorization_id: str, now: int) -> Authorization | None:
    """An authorization that still holds: not revoked or expired, its person enabled, its session alive or offline."""
    row = _LIVE.row(connection, {"id": authorization_id, "now": now})
    return None if row is None else as_authorization(row)


def revoke(connection: Connection, authorization_id: str, now: int) -> bool:
    """End an authorization and every token it bought. False if it had ended already."""
    return connection.execute(_REVOKE, {"key": authorization_id, "now": now}).rowcount == 1


def delete_expired(connection: Connection, now: int, limit: int) -> int:
    """Remove up to `limit` authorizations, with their refresh tokens, whose time is over; returns how many."""
    return connection.execute(_DELETE_EXPIRED, {"before": now, "batch": limit}).rowcount


def as_authorization(row: Sequence[Any]) -> Authorization:
    """A row of `LIVING`."""
    key, client_id, sub, sid, scope, audiences, offline, auth_time, amr, nonce, end, seen, acr, roles, groups = row
    return Authorization(
        key,
        client_id,
        sub,
        sid,
        tuple(scope.split()),
        tuple(audiences.split()),
        offline,
        auth_time,
        tuple(amr.split()),
        nonce,
        end,
        words(roles),
        seen,
        acr,
        words(groups),
    )


def words(text: str | None) -> tuple[str, ...]:
    """What a database aggregated, each once: two sources may give one role."""
    return tuple(sorted(set(text.split()))) if text else ()


def _refusal(connection: Connection, redemption: Redemption, values: Mapping[str, Any]) -> RefusedError:
    row = connection.execute(_EXPLAIN, values).one_or_none()
    if row is None:
        return RefusedError("The code is unknown, or was given to another client.")
    if row.code_challenge != redemption.code_challenge:
        return RefusedError("The code_verifier does not answer the code_challenge of the authorization request.")
    if row.code_redeemed_at is not None:
        return RefusedError("The code was redeemed before; its tokens are revoked.", replayed=row.id)
    if row.code_expires_at <= values["now"]:
        return RefusedError("The code has expired: redeem it at once.")
    return RefusedError(
        "The redirect_uri differs from the one of the authorization request.",
        detail=f"received {redemption.redirect_uri!r}, the code was sent to {row.redirect_uri!r}",
    )
