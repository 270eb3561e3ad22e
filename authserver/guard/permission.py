"""What a token must carry to be let through: permissions or scopes, and a sign-in that is good and recent enough.

RFC 6750 §3.1; RFC 9470 §3. https://www.rfc-editor.org/rfc/rfc9470#section-3
"""

from collections.abc import Callable
from dataclasses import dataclass

from authserver.guard.checks.bearer import is_quotable
from authserver.guard.checks.token import Token
from authserver.guard.errors import InsufficientScopeError, InsufficientUserAuthenticationError


@dataclass(frozen=True)
class Check:
    """`run` raises a GuardError for a token that may not, at this time in seconds since the epoch.

    `scopes` are what it looks for, which the metadata of the resource server name.
    """

    run: Callable[[Token, float], None]
    scopes: tuple[str, ...] = ()


any_token = Check(lambda _token, _now: None)
"""Every valid token may."""


def all_of(permissions: tuple[str, ...]) -> Check:
    """A token with every one of these may. Raises ValueError where they cannot be permissions."""
    needed = _words(permissions, "permission", "read:reports")

    def run(token: Token, _now: float) -> None:
        if missing := tuple(permission for permission in needed if permission not in token.permissions):
            raise InsufficientScopeError(f"The token lacks the permission {', '.join(missing)}.", missing, needed)

    return Check(run, needed)


def any_of(permissions: tuple[str, ...]) -> Check:
    """A token with at least one of these may. Raises ValueError where they cannot be permissions."""
    needed = _words(permissions, "permission", "read:reports")

    def run(token: Token, _now: float) -> None:
        if token.permissions.isdisjoint(needed):
            raise InsufficientScopeError(f"The token needs one of {', '.join(needed)}.", needed, needed)

    return Check(run, needed)


def with_scopes(scopes: tuple[str, ...]) -> Check:
    """A token with every one of these may. Raises ValueError where they cannot be scopes."""
    needed = _words(scopes, "scope", "read:reports")

    def run(token: Token, _now: float) -> None:
        if missing := tuple(scope for scope in needed if not token.has_scope(scope)):
            raise InsufficientScopeError(f"The token lacks the scope {', '.join(missing)}.", missing, needed)

    return Check(run, needed)


def signed_in(acr: tuple[str, ...], max_age: int | None, leeway: float) -> Check:
    """A token of a person who signed in at one of these levels, `max_age` seconds ago at most.

    `leeway` is the clock skew borne, in seconds. Raises ValueError where the demand cannot be meant.
    """
    if acr or max_age is None:
        acr = _words(acr, "acr", "2")
    if max_age is not None and max_age < 0:
        raise ValueError("max_age must be seconds, and at least 0")

    def run(token: Token, now: float) -> None:
        is_good = not acr or token.acr in acr
        is_recent = max_age is None or (token.auth_time is not None and now - token.auth_time <= max_age + leeway)
        if not (is_good and is_recent):
            raise InsufficientUserAuthenticationError(acr, max_age)

    return Check(run)


def _words(words: tuple[str, ...], kind: str, example: str) -> tuple[str, ...]:
    if not words or not all(word and is_quotable(word) and " " not in word for word in words):
        raise ValueError(f"name at least one {kind}, each one word such as {example}")
    return words
