"""People: who they are, how they sign in, which roles they have.

A username is kept in its one form; an email address as it was given, with the key that it is found by beside it.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, case, delete, func, insert, literal_column, select, update
from sqlalchemy.exc import IntegrityError

from authserver.protocol.person.claims import PROFILE
from authserver.protocol.person.email_address import email_key
from authserver.protocol.person.login_name import as_typed, login_key
from authserver.protocol.person.username import username_fault, username_key
from authserver.store import addresses, devices, links, person_claims, sessions
from authserver.store.addresses import LoginError
from authserver.store.allowed import granted, participants
from authserver.store.allowed.participants import Participant
from authserver.store.engine.statement import Statement
from authserver.store.tables import deleted_subs, user_groups, user_roles, users
from authserver.store.upstream.mapped_roles import MAPPED, MappedRole, mapped_roles_of


class Ended(NamedTuple):
    """How many sessions and authorizations lived until an act ended them, and which clients took part in sessions."""

    sessions: int
    authorizations: int
    participants: tuple[Participant, ...] = ()

    @property
    def counts(self) -> dict[str, Any]:
        """How many of which, where there is anything to tell; else nothing."""
        lived = {"sessions": self.sessions, "authorizations": self.authorizations}
        return lived if any(lived.values()) else {}


@dataclass(frozen=True, slots=True)
class User:
    """A person. `sub` is what clients see; it is random, never changes and is never given again.

    `profile` holds what is said of them by the names of `PROFILE`; where that is nothing, as in `NO_PROFILE`. `roles`
    are those that administrators gave, `mapped` those by providers. `claims` are an administrator's, declared or not.
    """

    sub: str
    username: str
    email: str | None
    email_verified: bool
    profile: Mapping[str, Any]
    password_hash: str | None = field(repr=False)
    disabled_at: int | None
    updated_at: int
    roles: tuple[str, ...]
    groups: tuple[str, ...] = ()
    version: int = 1
    mapped: tuple[MappedRole, ...] = ()
    claims: Mapping[str, Any] = field(default_factory=dict)

    def roles_in(self, provider: str | None, now: int) -> tuple[str, ...]:
        """The roles that count in a session that this provider vouched for, or none did."""
        by_provider = {each.role for each in self.mapped if each.provider == provider and each.expires_at > now}
        return tuple(sorted({*self.roles, *by_provider}))

    def roles_anywhere(self, now: int) -> tuple[str, ...]:
        """The roles that count in one session or another."""
        return tuple(sorted({*self.roles, *(each.role for each in self.mapped if each.expires_at > now)}))

    @property
    def every_role(self) -> tuple[str, ...]:
        """All that were given, also those whose time is over until the next sign-in at their provider."""
        return tuple(sorted({*self.roles, *(each.role for each in self.mapped)}))

    @property
    def name(self) -> str | None:
        name: str | None = self.profile["name"]
        return name

    @property
    def display_name(self) -> str:
        return self.name or self.username


_PROFILE = person_claims.kept_claims(PROFILE)
_ROLES = (
    # A literal: SQLAlchemy would write a bound separator into the text anew at every execution.
    select(func.aggregate_strings(user_roles.c.role, literal_column("' '")))  # type: ignore[arg-type]
    .where(user_roles.c.sub == users.c.sub, user_roles.c.source == "admin")
    .correlate(users)
    .scalar_subquery()
    .label("roles")
)
_GROUPS = (
    select(func.aggregate_strings(user_groups.c.group_name, literal_column("' '")))  # type: ignore[arg-type]
    .where(user_groups.c.sub == users.c.sub)
    .correlate(users)
    .scalar_subquery()
    .label("groups")
)
_COLUMNS = (
    *PROFILE,
    *("own_claims", "sub", "username", "email", "email_verified"),
    *("password_hash", "disabled_at", "updated_at", "version"),
)
SELECT_USER = select(*(users.c[name] for name in _COLUMNS), _ROLES, _GROUPS, MAPPED)
_BY_SUB = Statement(SELECT_USER.where(users.c.sub == bindparam("key")))
# What an earlier release took for a username is found as it stands, whatever its form would be today.
_BY_USERNAME = Statement(
    SELECT_USER.where(users.c.username.in_((bindparam("key"), bindparam("exact"))))
    .order_by(case((users.c.username == bindparam("exact"), 0), else_=1))
    .limit(1)
)
_BY_EMAIL = Statement(SELECT_USER.where(users.c.email_key == bindparam("key")))

INSERTED = (
    *("sub", "username", "email", "email_key", "email_verified", "own_claims", *PROFILE),
    *("password_hash", "created_at", "updated_at"),
)
_INSERT = Statement(insert(users), columns=INSERTED)
_INSERT_ROLE = Statement(insert(user_roles), columns=("sub", "role", "source"))
_DELETE_ROLES = Statement(delete(user_roles).where(user_roles.c.sub == bindparam("person")))
_CHANGE = update(users).where(users.c.sub == bindparam("person")).values(updated_at=bindparam("now"))
_TOUCH = Statement(_CHANGE)
_SET_PASSWORD = Statement(_CHANGE.values(password_hash=bindparam("new_hash")))
_DELETE = Statement(delete(users).where(users.c.sub == bindparam("person")))
_NEVER_AGAIN = Statement(insert(deleted_subs))
_REHASH = Statement(
    update(users)
    .where(users.c.sub == bindparam("person"), users.c.password_hash == bindparam("old_hash"))
    .values(password_hash=bindparam("new_hash"))
)
_CONFIRM = Statement(
    select(users.c.sub)
    .where(
        users.c.sub == bindparam("key"),
        users.c.password_hash == bindparam("checked_hash"),
        users.c.disabled_at.is_(None),
    )
    .with_for_update(read=True)
)
_DISABLE = Statement(_CHANGE.where(users.c.disabled_at.is_(None)).values(disabled_at=bindparam("now")))
_ENABLE = Statement(_CHANGE.where(users.c.disabled_at.is_not(None)).values(disabled_at=None))


def user_of(row: Sequence[Any]) -> User:
    """The person of a row of `SELECT_USER`."""
    own, *fields, version, roles, groups, mapped = row[len(PROFILE) :]
    given, joined = (tuple(sorted((each or "").split())) for each in (roles, groups))
    profile, claims = person_claims.said(_PROFILE, row), person_claims.own_of(own)
    return User(*[*fields[:4], profile, *fields[4:], given, joined, version, mapped_roles_of(mapped), claims])


def new_sub() -> str:
    """128 random bits that name a person. A command line would take one that begins with a hyphen for an option."""
    while (sub := secrets.token_urlsafe(16)).startswith("-"):
        pass
    return sub


def add(
    connection: Connection,
    *,
    username: str,
    now: int,
    email: str | None = None,
    email_verified: bool = False,
    password_hash: str | None = None,
    roles: Iterable[str] = (),
    claims: Mapping[str, Any] = MappingProxyType({}),
    **profile: Any,
) -> User:
    """Add a person, `profile` as in `User`. Raises `LoginError` where username or address is malformed or taken."""
    if fault := username_fault(username):
        raise LoginError(fault)
    if email:
        addresses.check_free(connection, email)
    elif email_verified:
        raise LoginError("there is no email address to verify")
    sub = new_sub()
    values: dict[str, object] = {
        "sub": sub,
        "username": username_key(username),
        "email": email or None,
        "email_key": email_key(email) if email else None,
        "email_verified": email_verified,
        "password_hash": password_hash,
        "created_at": now,
        "updated_at": now,
        "own_claims": person_claims.own_kept(claims),
        **person_claims.kept(dict.fromkeys(PROFILE) | profile),
    }
    try:
        with connection.begin_nested():
            _INSERT.run(connection, values)
    except IntegrityError:
        raise LoginError("this username or email address is taken") from None
    _insert_roles(connection, sub, roles)
    user = get(connection, sub)
    assert user is not None  # noqa: S101 - it was inserted above, in this transaction
    return user


def get(connection: Connection, sub: str) -> User | None:
    """The person with this `sub`, disabled or not."""
    row = _BY_SUB.row(connection, {"key": sub})
    return None if row is None else user_of(row)


def by_login(connection: Connection, login: str) -> User | None:
    """The person with this username or email address, in any spelling of it, disabled or not."""
    exact = as_typed(login)
    if "@" in exact:
        return by_email(connection, exact)
    row = _BY_USERNAME.row(connection, {"key": login_key(exact), "exact": exact})
    return None if row is None else user_of(row)


def by_email(connection: Connection, email: str) -> User | None:
    """The person whose address this is, disabled or not."""
    row = _BY_EMAIL.row(connection, {"key": email_key(email)})
    return None if row is None else user_of(row)


def set_roles(connection: Connection, sub: str, roles: Iterable[str], now: int) -> None:
    """Set a person's roles to exactly these. The next token that is issued says so.

    Roles that follow from a provider's claims go, too, until the person signs in through it again.
    """
    _DELETE_ROLES.run(connection, {"person": sub})
    _insert_roles(connection, sub, roles)
    _TOUCH.run(connection, {"person": sub, "now": now})


def set_password(connection: Connection, sub: str, password_hash: str, now: int) -> Ended:
    """Replace the password; sessions and authorizations end (ASVS 7.4.3), links that were sent before are void.

    No browser is known any more either: whoever had the old password may have signed in with one.
    """
    _SET_PASSWORD.run(connection, {"person": sub, "new_hash": password_hash, "now": now})
    links.void(connection, sub, now)
    devices.forget(connection, sub)
    return end_access(connection, sub, now)


def rehash_password(connection: Connection, sub: str, old_hash: str, new_hash: str) -> None:
    """Store the same password under newer parameters, unless it was changed meanwhile."""
    _REHASH.run(connection, {"person": sub, "old_hash": old_hash, "new_hash": new_hash})


def confirm(connection: Connection, sub: str, password_hash: str) -> bool:
    """Whether this is still the password of a person who is not disabled; holds so until the transaction ends.

    The password was checked outside of any transaction, and may have been replaced while that took its time.
    """
    values = {"key": sub, "checked_hash": password_hash}
    return _CONFIRM.row(connection, values) is not None


def remove(connection: Connection, sub: str, now: int) -> Ended:
    """Delete a person and everything that belongs to them; tokens are dead at once.

    What ends is ended first, in the order of everywhere, so that two that end the same rows do not wait for each other.
    """
    ended = end_access(connection, sub, now)
    left = addresses.contested_by(connection, sub)
    if _DELETE.run(connection, {"person": sub}) == 1:
        # Clients know people by it: whoever had it again would be taken for who is gone (OpenID Connect Core §5.7).
        _NEVER_AGAIN.run(connection, {"sub": sub, "deleted_at": now})
        addresses.settle(connection, left)
    return ended


def disable(connection: Connection, sub: str, now: int) -> Ended | None:
    """Shut a person out: no sign-in, and every session and authorization ends. None if it was so already."""
    changed = _DISABLE.run(connection, {"person": sub, "now": now}) == 1
    ended = end_access(connection, sub, now)
    return ended if changed else None


def enable(connection: Connection, sub: str, now: int) -> bool:
    """Let a disabled person sign in again. What was ended stays ended."""
    return _ENABLE.run(connection, {"person": sub, "now": now}) == 1


def end_access(connection: Connection, sub: str, now: int) -> Ended:
    """End all sessions and revoke all authorizations of a person, offline ones too."""
    ended = sessions.end_all(connection, sub, now)
    took_part = participants.of_sessions(connection, sub, ended)
    return Ended(sum(ended.values()), granted.revoke_all(connection, sub, now), took_part)


def _insert_roles(connection: Connection, sub: str, roles: Iterable[str]) -> None:
    given = ({"sub": sub, "role": role, "source": "admin"} for role in sorted(set(roles)))
    _INSERT_ROLE.run_each(connection, given)
