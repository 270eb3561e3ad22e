"""Authorizations: one person's yes to one client, the code that delivers it to a browser, and its end.

The code lives on the row of its authorization, if it has one: to write both costs no more than to write either. `codes`
redeems it. A redeemed code stays until it would have expired, so that a replay is recognised (RFC 6749 §4.1.2).
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnCollection,
    ColumnElement,
    Connection,
    and_,
    bindparam,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from authserver.protocol.digest import digest
from authserver.protocol.request.authorization_request import BrowserRequest
from authserver.protocol.request.device_request import WaitingRequest
from authserver.protocol.token.confirmation import Confirmation
from authserver.store.allowed.tables import BY_BROWSER, BY_DEVICE, authorizations, consents
from authserver.store.engine.statement import Statement
from authserver.store.sessions import LIVE as LIVE_SESSION
from authserver.store.tables import sessions, user_groups, user_roles, users


class InvalidGrantError(Exception):
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
    """What was granted, with the person's roles as they are now. Times are seconds since the epoch.

    Without `api_scopes` (None) no scope narrows what its APIs give; each is as `Api.scope` writes it.

    `session_seen_at` and `session_idle` (seconds) are 0 where an offline authorization has outlived its session.
    `bound_to` is the key, as a `Confirmation` is stored, that must be proven to use its refresh tokens.
    """

    id: str
    client_id: str
    sub: str
    sid: str
    scope: tuple[str, ...]
    audiences: tuple[str, ...]
    offline: bool
    auth_time: int | None
    amr: tuple[str, ...]
    nonce: str | None
    expires_at: int
    roles: tuple[str, ...]
    session_seen_at: int
    session_idle: int
    acr: str | None
    groups: tuple[str, ...] = ()
    resource_given: bool = False
    claims: tuple[str, ...] = ()
    api_scopes: tuple[str, ...] | None = None
    bound_to: str | None = None


_now = bindparam("now", type_=BigInteger)
_table = authorizations.c
_GROUPS = (
    select(func.aggregate_strings(user_groups.c.group_name, literal_column("' '")))  # type: ignore[arg-type]
    .where(user_groups.c.sub == users.c.sub)
    .scalar_subquery()
)
# The columns of an authorization that tokens are made of.
GRANTED = (
    *("id", "client_id", "sub", "sid", "scope", "audiences", "offline", "auth_time", "amr", "nonce", "expires_at"),
    "acr",
    "resource_given",
    "claims",
    "api_scopes",
    "bound_to",
)


def roles_and_groups(of: ColumnCollection[str, Any]) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Roles and groups of the person of an authorization in these columns.

    A role that a provider gave counts for what it vouched for, and for a time.
    """
    given = user_roles.c.source == literal_column("'admin'")
    mapped = and_(
        user_roles.c.source == literal_column("'provider:'").concat(of.provider), user_roles.c.expires_at > _now
    )
    roles = (
        # A literal: SQLAlchemy would render a bound separator anew at every execution.
        select(func.aggregate_strings(user_roles.c.role, literal_column("' '")))  # type: ignore[arg-type]
        .where(user_roles.c.sub == users.c.sub, or_(given, mapped))
        .scalar_subquery()
    )
    return roles.label("roles"), _GROUPS.label("groups")


def holding(of: ColumnCollection[str, Any]) -> tuple[ColumnElement[bool], ...]:
    """What makes the authorizations in these columns hold, beside `users` and `sessions`."""
    return (
        of.revoked_at.is_(None),
        of.expires_at > _now,
        users.c.disabled_at.is_(None),
        # OpenID Connect Core §11: only offline access outlives the session.
        or_(of.offline, and_(*LIVE_SESSION)),
    )


def fields(of: ColumnCollection[str, Any]) -> tuple[ColumnElement[Any], ...]:
    """What `as_authorization` reads, of the authorizations in these columns."""
    return (
        *(of[name] for name in GRANTED),
        sessions.c.last_seen_at,
        sessions.c.idle,
        *roles_and_groups(of),
    )


LIVE = holding(_table)
WITH_PERSON = authorizations.join(users, users.c.sub == _table.sub).outerjoin(sessions, sessions.c.sid == _table.sid)
LIVING = select(*fields(_table)).select_from(WITH_PERSON).where(*LIVE)
_LIVE = Statement(LIVING.where(_table.id == bindparam("id")))
_DELIVERY = ("code_digest", "code_expires_at", "redirect_uri", "redirect_uri_given")
_STARTED = (
    *("id", "client_id", "sub", "sid", "scope", "audiences", "offline", "auth_time", "amr", "acr", "provider"),
    *("created_at", "expires_at", "requested_by", "code_challenge", "nonce", "resource_given", "claims"),
    *("api_scopes", "bound_to", *_DELIVERY),
)
_YES = select(*(bindparam(name, type_=_table[name].type) for name in _STARTED)).where(
    sessions.c.sid == bindparam("sid"),
    sessions.c.sub == bindparam("sub"),
    sessions.c.ended_at.is_(None),
    sessions.c.completed_at.is_not(None),
)
# Who ends the session waits, and then revokes this one, too; or was first, and nothing is written.
_START = Statement(insert(authorizations).from_select(_STARTED, _YES.with_for_update(read=True, of=sessions)))
_CONSENT = ("scope", "audiences", "api_scopes")
# So it is with who takes back what was allowed.
_START_BY_CONSENT = Statement(
    insert(authorizations).from_select(
        _STARTED,
        _YES.where(
            consents.c.sub == sessions.c.sub,
            consents.c.client_id == bindparam("client_id"),
            *(consents.c[name] == bindparam(f"allowed_{name}") for name in _CONSENT),
        ).with_for_update(read=True, of=(sessions, consents)),
    )
)
_REVOKE = Statement(
    update(authorizations).where(_table.id == bindparam("key"), _table.revoked_at.is_(None)).values(revoked_at=_now)
)


def start(
    connection: Connection,
    request: WaitingRequest,
    *,
    sub: str,
    sid: str,
    auth_time: int | None,
    amr: tuple[str, ...],
    acr: str | None = None,
    provider: str | None = None,
    now: int,
    code_lifetime: int,
    expires_at: int,
    consent: tuple[str, ...] = (),
) -> tuple[str, str] | None:
    """Write down one yes; returns the authorization's id and the code, kept nowhere else: for a device it is empty.

    `provider` vouched for the session: roles that it gives count. `consent` is the row of `Remembered` that the yes
    rests on, if any.

    None where the session has ended: with a new password, say, what an older session asks for buys nothing. And where
    the consent is another by now: what was taken back meanwhile buys nothing either.
    """
    key, code = secrets.token_urlsafe(16), ""
    delivery: dict[str, Any] = dict.fromkeys(_DELIVERY)
    if isinstance(request, BrowserRequest):
        code = secrets.token_urlsafe(32)
        delivery = {
            "code_digest": digest(code),
            "code_expires_at": now + code_lifetime,
            "redirect_uri": request.redirect_uri,
            "redirect_uri_given": request.redirect_uri_given,
        }
    started = (_START_BY_CONSENT if consent else _START).run(
        connection,
        {
            "id": key,
            "requested_by": BY_BROWSER if code else BY_DEVICE,
            "client_id": request.client_id,
            "sub": sub,
            "sid": sid,
            "scope": " ".join(request.scope),
            "audiences": " ".join(request.audiences),
            "offline": "offline_access" in request.scope,
            "auth_time": auth_time,
            "amr": " ".join(amr),
            "acr": acr,
            "provider": provider,
            "created_at": now,
            "expires_at": expires_at,
            "code_challenge": request.code_challenge,
            "nonce": request.nonce,
            "resource_given": request.resource_given,
            "claims": " ".join(request.claims),
            "api_scopes": None if request.api_scopes is None else " ".join(request.api_scopes),
            "bound_to": Confirmation("jkt", request.dpop_jkt).stored if request.dpop_jkt else None,
            **delivery,
            **{f"allowed_{name}": seen for name, seen in zip(_CONSENT, consent, strict=False)},
        },
    )
    return (key, code) if started == 1 else None


def live(connection: Connection, authorization_id: str, now: int) -> Authorization | None:
    """An authorization that still holds: not revoked or expired, its person enabled, its session alive or offline."""
    row = _LIVE.row(connection, {"id": authorization_id, "now": now})
    return None if row is None else as_authorization(row)


def revoke(connection: Connection, authorization_id: str, now: int) -> bool:
    """End an authorization and every token it bought. False if it had ended already."""
    return _REVOKE.run(connection, {"key": authorization_id, "now": now}) == 1


def as_authorization(row: Sequence[Any]) -> Authorization:
    """A row of `LIVING`."""
    key, client_id, sub, sid, scope, audiences, offline, auth_time, amr, nonce, end, acr, *rest = row
    resource_given, claims, api_scopes, bound_to, seen, idle, roles, groups = rest
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
        seen or 0,
        idle or 0,
        acr,
        words(groups),
        resource_given,
        tuple(claims.split()),
        None if api_scopes is None else tuple(api_scopes.split()),
        bound_to,
    )


def unless_ended(authorization: Authorization | None) -> Authorization:
    """The authorization. Raises InvalidGrantError where there is none that holds."""
    if authorization is None:
        raise InvalidGrantError("The authorization has ended: the person signed out, was disabled, or withdrew it.")
    return authorization


def words(text: str | None) -> tuple[str, ...]:
    """What a database aggregated, each once: two sources may give one role."""
    return tuple(sorted(set(text.split()))) if text else ()
