"""What a token must carry to be let through: all of some permissions, or one of them."""

from collections.abc import Callable

from authserver.guard.checks.bearer import is_quotable
from authserver.guard.checks.token import Token
from authserver.guard.errors import InsufficientScopeError

Check = Callable[[Token], None]
"""Raises InsufficientScopeError for a token that may not."""


def any_token(_token: Token) -> None:
    """Every valid token may."""


def all_of(permissions: tuple[str, ...]) -> Check:
    """A token with every one of these may. Raises ValueError where they cannot be permissions."""
    needed = _declared(permissions)

    def check(token: Token) -> None:
        if missing := tuple(permission for permission in needed if permission not in token.permissions):
            raise InsufficientScopeError(f"The token lacks the permission {', '.join(missing)}.", missing)

    return check


def any_of(permissions: tuple[str, ...]) -> Check:
    """A token with at least one of these may. Raises ValueError where they cannot be permissions."""
    needed = _declared(permissions)

    def check(token: Token) -> None:
        if token.permissions.isdisjoint(needed):
            raise InsufficientScopeError(f"The token needs one of {', '.join(needed)}.", needed)

    return check


def _declared(permissions: tuple[str, ...]) -> tuple[str, ...]:
    if not permissions or not all(word and is_quotable(word) and " " not in word for word in permissions):
        raise ValueError("name at least one permission, each one word such as read:reports")
    return permissions
