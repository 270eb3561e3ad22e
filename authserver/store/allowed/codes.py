"""Redeeming a code: once, by its client, with what it was bound to, for an authorization that still holds.

RFC 6749 §4.1.2; RFC 7636 §4.6. https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Text, and_, bindparam, or_, select, true, update

from authserver.protocol.digest import digest
from authserver.store.allowed import refresh_tokens
from authserver.store.allowed.authorizations import (
    GRANTED,
    Authorization,
    InvalidGrantError,
    as_authorization,
    fields,
    holding,
    live,
    unless_ended,
)
from authserver.store.allowed.tables import BY_BROWSER, authorizations
from authserver.store.engine.statement import Statement
from authserver.store.tables import sessions, users

_table = authorizations.c
# Of a type that is told: `IS NULL` tells none, and libpq takes no other.
_uri = bindparam("uri", type_=Text)
_REDEMPTION = (
    update(authorizations)
    .where(
        _table.code_digest == bindparam("digest"),
        _table.client_id == bindparam("client"),
        _table.code_redeemed_at.is_(None),
        _table.code_expires_at > bindparam("now"),
        or_(
            _table.redirect_uri == _uri,
            and_(_table.redirect_uri_given.is_(False), _uri.is_(None)),
        ),
        _table.code_challenge.is_not_distinct_from(bindparam("challenge")),
        # RFC 9449 §10: a code that is bound to a key is worth nothing without it.
        or_(_table.bound_to.is_(None), _table.bound_to == bindparam("proven")),
    )
    .values(code_redeemed_at=bindparam("now"), bound_to=bindparam("binds"))
)
_REDEEM = Statement(_REDEMPTION.returning(_table.id))
# What the move itself returns: its row as others see it may be older, and not yet revoked.
_redeemed = _REDEMPTION.returning(*(_table[name] for name in (*GRANTED, "revoked_at", "provider"))).cte("redeemed")


def _value(name: str) -> Any:
    # By a value, not by a join: with young statistics a join would begin at all people, and a prepared plan stays.
    return select(_redeemed.c[name]).scalar_subquery()


_living = (
    select(*fields(_redeemed.c))
    .select_from(
        _redeemed.join(users, users.c.sub == _value("sub")).outerjoin(sessions, sessions.c.sid == _value("sid"))
    )
    .where(*holding(_redeemed.c))
    .cte("living")
)
# Outer: a row without values says that the code was redeemed, and what it stood for has ended.
_WHAT_LIVES = select(_living).select_from(_redeemed.outerjoin(_living, true()))
_REDEEM_IN_ONE = Statement(_WHAT_LIVES)
_REDEEM_AND_START = Statement(_WHAT_LIVES.add_cte(refresh_tokens.inserted_for(_living)))
_EXPLAIN = Statement(
    select(
        _table.id,
        _table.code_redeemed_at,
        _table.code_expires_at,
        _table.code_challenge,
        _table.redirect_uri,
        _table.bound_to,
    ).where(_table.code_digest == bindparam("digest"), _table.client_id == bindparam("client"))
)


_REISSUE = Statement(
    update(authorizations)
    .where(
        _table.id == bindparam("key"),
        _table.sub == bindparam("person"),
        _table.requested_by == BY_BROWSER,
        _table.code_redeemed_at.is_(None),
        _table.revoked_at.is_(None),
    )
    .values(code_digest=bindparam("new_digest"), code_expires_at=bindparam("new_end"))
)


@dataclass(frozen=True, slots=True)
class Redemption:
    """What a token request brings to redeem a code.

    `proven` is the key that it proves, as a `Confirmation` is stored; it `binds` the refresh tokens of public clients.
    """

    code: str
    client_id: str
    redirect_uri: str | None
    code_challenge: str | None
    proven: str | None = None
    binds: bool = False


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What a code stood for, and the first refresh token where one was wanted."""

    authorization: Authorization
    refresh_token: str | None


def redeem(connection: Connection, redemption: Redemption, now: int, *, idle: int | None = None) -> Redeemed:
    """Redeem a code, once: bound to client, redirect URI and PKCE challenge (RFC 6749 §4.1.3, RFC 7636 §4.6).

    With `idle` (seconds) a refresh token begins. Raises InvalidGrantError; who is not the owner burns nothing, and only
    the owner's replay is named as one.
    """
    values = {
        "digest": digest(redemption.code),
        "client": redemption.client_id,
        "uri": redemption.redirect_uri,
        "challenge": redemption.code_challenge,
        "proven": redemption.proven,
        "binds": redemption.proven if redemption.binds else None,
        "now": now,
    }
    if connection.dialect.name == "postgresql":
        return _in_one(connection, redemption, values, idle)
    row = _REDEEM.row(connection, values)
    if row is None:
        raise _refusal(connection, redemption, values)
    authorization = unless_ended(live(connection, row[0], now))
    return Redeemed(authorization, None if idle is None else refresh_tokens.start(connection, authorization, now, idle))


def _in_one(connection: Connection, redemption: Redemption, values: Mapping[str, Any], idle: int | None) -> Redeemed:
    # Each exchange with PostgreSQL costs more than its work.
    if idle is None:
        refresh_token, row = None, _REDEEM_IN_ONE.row(connection, values)
    else:
        refresh_token = secrets.token_urlsafe(32)
        row = _REDEEM_AND_START.row(connection, {**values, "new_key": digest(refresh_token), "idle": idle})
    if row is None:
        raise _refusal(connection, redemption, values)
    return Redeemed(unless_ended(as_authorization(row) if row[0] is not None else None), refresh_token)


def _refusal(connection: Connection, redemption: Redemption, values: Mapping[str, Any]) -> InvalidGrantError:
    row = _EXPLAIN.row(connection, values)
    if row is None:
        return InvalidGrantError("The code is unknown or was issued to another client.")
    key, redeemed_at, expires_at, challenge, redirect_uri, bound_to = row
    if challenge != redemption.code_challenge:
        return InvalidGrantError("The code_verifier does not match the code_challenge of the authorization request.")
    if redeemed_at is not None:
        return InvalidGrantError("The code has already been redeemed, so its tokens have been revoked.", replayed=key)
    if expires_at <= values["now"]:
        return InvalidGrantError("The code has expired. Redeem it as soon as it arrives.")
    if bound_to not in (None, redemption.proven):
        return InvalidGrantError("The code is bound to a key: send a DPoP proof by the key that dpop_jkt named.")
    return InvalidGrantError(
        "The redirect_uri differs from the one in the authorization request.",
        detail=f"received {redemption.redirect_uri!r}, the code was sent to {redirect_uri!r}",
    )


def reissue_code(connection: Connection, authorization_id: str, sub: str, now: int, code_lifetime: int) -> str | None:
    """A new code in place of one that was not redeemed; None where it was, is revoked, or is another person's."""
    code = secrets.token_urlsafe(32)
    values = {"key": authorization_id, "person": sub, "new_digest": digest(code), "new_end": now + code_lifetime}
    return code if _REISSUE.run(connection, values) == 1 else None
