"""What is known of access tokens, which are JWTs: whom they stand for today, and which were revoked one by one."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, bindparam, exists, null, select

from authserver.protocol.token.access_token import authorization_of
from authserver.store import person_claims
from authserver.store.allowed.authorizations import LIVE, WITH_PERSON, roles_and_groups, words
from authserver.store.allowed.tables import authorizations, revoked_access_tokens
from authserver.store.engine import removal
from authserver.store.engine.statement import Statement
from authserver.store.engine.upsert import upsert
from authserver.store.tables import users

_table = revoked_access_tokens.c
_ROLES_AND_GROUPS = roles_and_groups(authorizations.c)
_IS_REVOKED = exists().where(_table.jti == bindparam("jti"))
_OF_LIVING_TOKEN = (authorizations.c.id == bindparam("id"), ~_IS_REVOKED, *LIVE)
_GRANTED = (authorizations.c.scope, authorizations.c.claims.label("asked_claims"), authorizations.c.api_scopes)
_SUBJECT = Statement(
    select(users.c.username, authorizations.c.scope, authorizations.c.api_scopes, *_ROLES_AND_GROUPS, users.c.sub)
    .select_from(WITH_PERSON)
    .where(*_OF_LIVING_TOKEN)
)
_FIND_REVOKED = Statement(select(_table.jti).where(_table.jti == bindparam("jti")))
_REVOKE = upsert(revoked_access_tokens, lambda row: row.on_conflict_do_nothing())
_DELETE_EXPIRED = removal.delete_expired(_table.jti, _table.expires_at)


@dataclass(frozen=True, slots=True)
class Holder:
    """The person behind a live access token: claims by name; scope and single claims of the authorization.

    `api_scopes` are those of the authorization; None where no scope narrows what its APIs give.
    """

    scope: tuple[str, ...]
    asked: tuple[str, ...]
    claims: dict[str, Any]
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    api_scopes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """The person behind a live access token, with roles and groups as they are now; nobody has a client's own.

    `scope` and `api_scopes` are those of the authorization as it is now, as in `Holder`.
    """

    username: str | None
    roles: tuple[str, ...]
    groups: tuple[str, ...]
    scope: tuple[str, ...] = ()
    api_scopes: tuple[str, ...] | None = None
    sub: str = ""


def holder(
    connection: Connection,
    jti: str,
    now: int,
    *,
    names: Collection[str],
    with_roles: bool = False,
) -> Holder | None:
    """Whom a token of a person stands for; None where the token, authorization, person or session ended.

    Of the claims it has those with these names.
    """
    wanted = person_claims.kept_claims(names)
    statement = _holder(wanted.standard, bool(wanted.own), with_roles)
    row = statement.row(connection, {"id": authorization_of(jti), "jti": jti, "now": now})
    if row is None:
        return None
    scope, asked, of_apis, *claims, roles, groups = row
    known = person_claims.said(wanted, claims)
    api_scopes = None if of_apis is None else tuple(of_apis.split())
    return Holder(tuple(scope.split()), tuple(asked.split()), known, words(roles), words(groups), api_scopes)


def subject(connection: Connection, jti: str, now: int) -> Subject | None:
    """Who stands behind an access token; None where it lives no more, as in `holder`."""
    authorization_id = authorization_of(jti)
    if authorization_id is None:
        is_revoked = _FIND_REVOKED.row(connection, {"jti": jti}) is not None
        return None if is_revoked else Subject(None, (), ())
    row = _SUBJECT.row(connection, {"id": authorization_id, "jti": jti, "now": now})
    if row is None:
        return None
    username, scope, of_apis, roles, groups, sub = row
    api_scopes = None if of_apis is None else tuple(of_apis.split())
    return Subject(username, words(roles), words(groups), tuple(scope.split()), api_scopes, sub)


def revoke(connection: Connection, jti: str, expires_at: int) -> None:
    """Revoke one access token; remembered until it would have expired, at `expires_at` seconds since the epoch."""
    _REVOKE.run(connection, {"jti": jti, "expires_at": expires_at})


def delete_expired(connection: Connection, now: int, limit: int) -> int:
    """Forget up to `limit` revoked tokens that have expired since; returns how many."""
    return _DELETE_EXPIRED.run(connection, {"before": now, "batch": limit})


# One for each set of scopes that clients have.
@lru_cache(maxsize=64)
def _holder(standard: tuple[str, ...], with_own: bool, with_roles: bool) -> Statement:
    granted = _ROLES_AND_GROUPS if with_roles else tuple(null().label(each.name) for each in _ROLES_AND_GROUPS)
    claims = person_claims.columns(standard, with_own=with_own)
    return Statement(select(*_GRANTED, *claims, *granted).select_from(WITH_PERSON).where(*_OF_LIVING_TOKEN))
