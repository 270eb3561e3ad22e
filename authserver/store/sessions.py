"""Signed-in browsers. The cookie holds a 256-bit secret, this table its digest (ASVS 7.2, 7.3)."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, Connection, and_, bindparam, func, insert, or_, select, update

from authserver.protocol.acr import methods_kept, methods_of
from authserver.protocol.digest import digest
from authserver.protocol.token.id_token import OWN_ACR
from authserver.store.allowed.tables import authorizations
from authserver.store.engine import removal
from authserver.store.engine.statement import Statement
from authserver.store.place import Place, past
from authserver.store.tables import sessions, users

KEPT_AFTER_END = 86400
MAX_COOKIE = 128


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser. Times are seconds since the epoch, `idle` is seconds, `amr` as in RFC 8176.

    `auth_time` is None where it is not known: a provider vouched for the person, and did not say when they signed in.
    `factor_at` is when a second factor was proven, None where none was. `methods` are what was done, as in `Levels`.
    """

    sid: str
    sub: str
    auth_time: int | None
    amr: tuple[str, ...]
    created_at: int
    last_seen_at: int
    idle: int
    expires_at: int
    user_agent: str
    address: str
    acr: str | None = None
    provider: str | None = None
    factor_at: int | None = None
    methods: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UpstreamSession:
    """The provider that vouched for a sign-in: its session and, sealed, its ID token where a sign-out will need it."""

    provider: str
    sid: str | None = None
    sealed_id_token: bytes | None = field(default=None, repr=False)
    acr: str | None = None


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who signed in, how (`amr`), where, and for how long: `idle` and `lifetime` are seconds.

    Where another provider vouched for it, `auth_time` is when the person signed in there, in seconds since the epoch,
    None where it does not say. Without one the person signs in now. `factor_at` is when they proved a second factor.
    `methods` are as in `Session`; None where `amr` says it all.
    """

    sub: str
    amr: tuple[str, ...]
    idle: int
    lifetime: int
    user_agent: str = ""
    address: str = ""
    auth_time: int | None = None
    upstream: UpstreamSession | None = None
    factor_at: int | None = None
    methods: tuple[str, ...] | None = None

    @property
    def done(self) -> tuple[str, ...]:
        """What was done that reaches levels: what a provider says of itself is none of it."""
        if self.methods is not None:
            return self.methods
        return ("provider",) if self.upstream else methods_of(self.amr)


FIELDS = (
    sessions.c.sid,
    sessions.c.sub,
    sessions.c.auth_time,
    sessions.c.amr,
    sessions.c.created_at,
    sessions.c.last_seen_at,
    sessions.c.idle,
    sessions.c.expires_at,
    sessions.c.user_agent,
    sessions.c.address,
    sessions.c.acr,
    sessions.c.provider,
    sessions.c.factor_at,
    sessions.c.methods,
)
_now = bindparam("now", type_=BigInteger)
IN_TIME = (sessions.c.expires_at > _now, sessions.c.last_seen_at + sessions.c.idle > _now)
# What makes a session a live one, beside its person, who must not be disabled. What hangs on a session asks the same.
LIVE = (
    sessions.c.ended_at.is_(None),
    *IN_TIME,
    # One that is begun and not complete is no session to anybody but who signs in.
    sessions.c.completed_at.is_not(None),
)
_PERSON_IS_ENABLED = (users.c.sub == sessions.c.sub, users.c.disabled_at.is_(None))
OF_COOKIE = (
    select(*FIELDS)
    .select_from(sessions.join(users, users.c.sub == sessions.c.sub))
    .where(sessions.c.digest == bindparam("cookie"), *LIVE, users.c.disabled_at.is_(None))
)
_FIND = Statement(OF_COOKIE)
_GET = Statement(select(*FIELDS).where(sessions.c.sid == bindparam("session"), *LIVE, *_PERSON_IS_ENABLED))
_OF_PERSON = Statement(
    select(*FIELDS).where(sessions.c.sub == bindparam("person"), *LIVE).order_by(sessions.c.last_seen_at.desc())
)
_PAGE = Statement(
    select(*FIELDS)
    .where(sessions.c.sub == bindparam("person"), past(sessions.c.created_at, sessions.c.sid), *LIVE)
    .order_by(sessions.c.created_at.desc(), sessions.c.sid)
    .limit(bindparam("most"))
)
_RENEWED = (
    *("digest", "auth_time", "amr", "last_seen_at", "idle", "expires_at", "look_at", "user_agent", "address"),
    *("acr", "provider", "upstream_sid", "upstream_id_token", "factor_at", "methods"),
)
_START = Statement(
    insert(sessions)
    .values({name: bindparam(name) for name in ("sid", "sub", "created_at", "completed_at")})
    .values({name: bindparam(f"new_{name}") for name in _RENEWED})
    .returning(*FIELDS)
)
_RENEW = Statement(
    update(sessions)
    .where(sessions.c.sid == bindparam("session"), *LIVE)
    .values({name: bindparam(f"new_{name}") for name in _RENEWED})
    # Who confirms with a password came through the provider all the same.
    .values(
        {
            name: func.coalesce(bindparam(f"new_{name}", type_=sessions.c[name].type), sessions.c[name])
            for name in ("provider", "upstream_sid", "upstream_id_token")
        }
    )
    .returning(*FIELDS)
)
_END = Statement(
    update(sessions)
    .where(sessions.c.sid == bindparam("session"), sessions.c.ended_at.is_(None))
    .values(ended_at=bindparam("now"))
)
_END_ALL = Statement(
    update(sessions)
    .where(sessions.c.sub == bindparam("person"), sessions.c.ended_at.is_(None))
    .values(ended_at=bindparam("now"))
    # The value, since SQLite 3.40 answers `IS NOT NULL` wrongly in RETURNING.
    .returning(sessions.c.sid, and_(*IN_TIME), sessions.c.completed_at)
)
# OpenID Connect Core §11: only offline access outlives the session.
_REVOKE_BOUND = Statement(
    update(authorizations)
    .where(
        authorizations.c.sid == bindparam("session"),
        authorizations.c.offline.is_(False),
        authorizations.c.revoked_at.is_(None),
    )
    .values(revoked_at=bindparam("now"))
)
_DELETE_EXPIRED = removal.delete_some(
    sessions.c.digest, or_(sessions.c.expires_at <= bindparam("before"), sessions.c.ended_at <= bindparam("before"))
)


def as_session(row: Sequence[Any]) -> Session:
    """A row of `OF_COOKIE`."""
    told, provider = tuple(row[3].split()), row[-3]
    values: list[Any] = [*row[:3], told, *row[4:-1], methods_kept(row[-1], told, provider)]
    return Session(*values)


def _values(sign_in: SignIn, cookie: str, now: int) -> dict[str, object]:
    # NUL cannot be stored in PostgreSQL, and a header is never worth an error.
    user_agent = "".join(character for character in sign_in.user_agent[:300] if character.isprintable())
    upstream = sign_in.upstream
    return {
        "new_digest": digest(cookie),
        "new_auth_time": sign_in.auth_time if upstream else now,
        "new_amr": " ".join(sign_in.amr),
        "new_last_seen_at": now,
        "new_idle": sign_in.idle,
        "new_expires_at": now + sign_in.lifetime,
        "new_look_at": now + min(sign_in.idle, sign_in.lifetime),
        "new_user_agent": user_agent,
        "new_address": sign_in.address,
        # What a provider does not say is not known, and then not claimed.
        "new_acr": upstream.acr if upstream else OWN_ACR,
        "new_provider": upstream.provider if upstream else None,
        "new_upstream_sid": upstream.sid if upstream else None,
        "new_upstream_id_token": upstream.sealed_id_token if upstream else None,
        "new_factor_at": sign_in.factor_at,
        "new_methods": " ".join(sign_in.done),
    }


def start(connection: Connection, sign_in: SignIn, now: int, *, is_complete: bool = True) -> tuple[str, Session]:
    """Begin a session; returns the value of the cookie, which is kept nowhere, and the session.

    Whoever lacks a factor has one that is not complete: see `begun_sessions`.
    """
    cookie = secrets.token_urlsafe(32)
    values = _values(sign_in, cookie, now) | {
        "sid": secrets.token_urlsafe(16),
        "sub": sign_in.sub,
        "created_at": now,
        "completed_at": now if is_complete else None,
    }
    row = _START.row(connection, values)
    assert row is not None  # noqa: S101 - an INSERT gives its row
    return cookie, as_session(row)


def find(connection: Connection, cookie: str, now: int) -> Session | None:
    """The live session of a cookie: complete, not ended, within its idle and absolute time, its person not disabled."""
    row = None if len(cookie) > MAX_COOKIE else _FIND.row(connection, {"cookie": digest(cookie), "now": now})
    return None if row is None else as_session(row)


def get(connection: Connection, sid: str, now: int) -> Session | None:
    """The live session with this `sid`, as `find`."""
    # PostgreSQL refuses a text with NUL instead of finding nothing.
    row = _GET.row(connection, {"session": sid, "now": now}) if sid.isprintable() else None
    return as_session(row) if row else None


def of_person(connection: Connection, sub: str, now: int) -> list[Session]:
    """The live sessions of a person, the one last seen first."""
    return [as_session(row) for row in _OF_PERSON.rows(connection, {"person": sub, "now": now})]


def page(connection: Connection, sub: str, now: int, *, after: Place, most: int) -> list[Session]:
    """Up to `most` live sessions of a person, the one that began last first."""
    values = {"person": sub, "now": now, "most": most, **after.values}
    return [as_session(row) for row in _PAGE.rows(connection, values)]


def renew(connection: Connection, old: Session, sign_in: SignIn, now: int) -> tuple[str, Session]:
    """Sign in again where there is a session; returns as `start`, always with a new cookie (ASVS 7.2.4).

    The same person keeps the `sid`, and `auth_time` is that of the new sign-in. Another person ends it and begins one.
    """
    if old.sub == sign_in.sub:
        cookie = secrets.token_urlsafe(32)
        values = _values(sign_in, cookie, now) | {"session": old.sid, "now": now}
        renewed = _RENEW.row(connection, values)
        if renewed is not None:
            return cookie, as_session(renewed)
    end(connection, old.sid, now)
    return start(connection, sign_in, now)


def end(connection: Connection, sid: str, now: int) -> bool:
    """End a session and revoke its authorizations, except offline ones. False if it had ended already."""
    # Sessions before authorizations, as everywhere: two that end the same rows must not wait for each other.
    ended = _END.run(connection, {"session": sid, "now": now}) == 1
    _REVOKE_BOUND.run(connection, {"session": sid, "now": now})
    return ended


def end_all(connection: Connection, sub: str, now: int) -> dict[str, bool]:
    """End every session of a person; returns each `sid`, and whether it lived. Authorizations are the caller's."""
    ended = _END_ALL.rows(connection, {"person": sub, "now": now})
    return {sid: bool(in_time) and completed_at is not None for sid, in_time, completed_at in ended}


def delete_expired(connection: Connection, now: int, limit: int) -> int:
    """Remove up to `limit` sessions that ended or expired a day ago or more; returns how many."""
    return _DELETE_EXPIRED.run(connection, {"before": now - KEPT_AFTER_END, "batch": limit})
