"""A person who is new here: added by an administrator, by themselves, by a provider, or from elsewhere."""

import secrets
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from authserver.people.change import Change
from authserver.store import directory, imports, users
from authserver.store.addresses import LoginError
from authserver.store.imports import Outcome
from authserver.store.users import User

ATTEMPTS = 5
LONGEST = 56
Event = Literal["user:account:created", "user:sign_up:completed", "user:invitation:accepted"]


def add(
    change: Change,
    username: str,
    *,
    roles: Iterable[str],
    groups: Iterable[str] = (),
    or_alike: bool = False,
    event: Event = "user:account:created",
    **columns: Any,
) -> User:
    """Add a person; `columns` as of `store.users.add`. Raises `LoginError` where the username or the address is taken.

    `or_alike`: where the username is taken, one that begins like it. No letter: there is nobody yet whom it was done
    to, and whoever is to be told is invited.
    """
    user = _added(change, username, roles, columns, or_alike=or_alike)
    if groups := tuple(groups):
        directory.set_groups(change.connection, user.sub, groups, change.now)
        user = users.get(change.connection, user.sub) or user
    change.note(event, user.sub, roles=list(user.roles), groups=list(user.groups))
    return user


def take_in(change: Change, columns: Mapping[str, Any], roles: Iterable[str], groups: Iterable[str]) -> Outcome:
    """Put a person from elsewhere in, or find them there already, which changes nothing. Raises `LoginError`."""
    outcome = imports.put(change.connection, columns, tuple(roles), change.now, tuple(groups))
    if outcome.is_new:
        change.note("user:account:imported", outcome.sub)
    return outcome


def _added(change: Change, username: str, roles: Iterable[str], columns: Mapping[str, Any], *, or_alike: bool) -> User:
    email = columns.get("email")
    if email and users.by_email(change.connection, email) is not None:
        raise LoginError("this username or email address is taken")
    for attempt in range(ATTEMPTS if or_alike else 1):
        name = username if attempt == 0 else f"{username[:LONGEST]}-{secrets.randbelow(1_000_000)}"
        try:
            return users.add(change.connection, username=name, roles=roles, now=change.now, **columns)
        except LoginError:
            if not or_alike:
                raise
    raise LoginError("no free username was found")
