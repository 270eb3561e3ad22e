"""The guard for Flask: decorators that let a view run only for a token that may.

guard = FlaskGuard(Guard("https://login.example.com", "https://reports.example.com"))


@app.delete("/reports/<id>")
@guard.require_permission("delete:reports")
def delete_report(id): ...
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Response, current_app, g, jsonify, make_response, request
from flask.typing import ResponseReturnValue

from authserver.guard.bearer import bearer_token, challenge, is_quotable
from authserver.guard.errors import GuardError, InsufficientScopeError, KeysUnavailableError
from authserver.guard.token import Token
from authserver.guard.verifier import Guard

P = ParamSpec("P")
T = TypeVar("T", bound=ResponseReturnValue)
View = Callable[P, ResponseReturnValue]
Check = Callable[[Token], None]


class FlaskGuard:
    """Decorators for the views of one resource server; refusals are RFC 6750 §3's, with a JSON body."""

    def __init__(self, guard: Guard) -> None:
        self.guard = guard

    def require_token(self, view: Callable[P, T]) -> View[P]:
        """Let the view run for every valid token."""
        return self._protected(view, lambda _token: None)

    def require_permission(self, permission: str) -> Callable[[Callable[P, T]], View[P]]:
        """Let the view run for a token with this permission."""
        return self.require_all_permissions(permission)

    def require_all_permissions(self, *permissions: str) -> Callable[[Callable[P, T]], View[P]]:
        """Let the view run for a token with every one of these permissions."""
        needed = _declared(permissions)

        def check(token: Token) -> None:
            if missing := tuple(permission for permission in needed if permission not in token.permissions):
                raise InsufficientScopeError(f"The token lacks the permission {', '.join(missing)}.", missing)

        return lambda view: self._protected(view, check)

    def require_any_permission(self, *permissions: str) -> Callable[[Callable[P, T]], View[P]]:
        """Let the view run for a token with at least one of these permissions."""
        needed = _declared(permissions)

        def check(token: Token) -> None:
            if token.permissions.isdisjoint(needed):
                raise InsufficientScopeError(f"The token needs one of {', '.join(needed)}.", needed)

        return lambda view: self._protected(view, check)

    def _protected(self, view: Callable[P, T], check: Check) -> View[P]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            try:
                token = self.guard.verify(bearer_token(request.headers.getlist("Authorization")))
                check(token)
            except GuardError as error:
                return _refusal(error, self.guard.audience)
            g.authserver_token = token
            answer: ResponseReturnValue = current_app.ensure_sync(view)(*args, **kwargs)
            return answer

        return guarded


def current_token() -> Token:
    """The verified token of the request that runs. Raises RuntimeError in a view that no guard protects."""
    token = g.get("authserver_token")
    if not isinstance(token, Token):
        raise RuntimeError(  # noqa: TRY004 - the view is wrong, not a type
            "current_token() belongs in a view under one of the guard's decorators"
        )
    return token


def _declared(permissions: tuple[str, ...]) -> tuple[str, ...]:
    if not permissions or not all(word and is_quotable(word) and " " not in word for word in permissions):
        raise ValueError("name at least one permission, each one word such as read:reports")
    return permissions


def _refusal(error: GuardError, realm: str) -> Response:
    body: dict[str, object] = {
        "error": error.error or ("temporarily_unavailable" if error.status == 503 else "missing_token"),
        "error_description": error.description,
    }
    if isinstance(error, InsufficientScopeError):
        body["missing_permissions"] = error.missing
    response = make_response(jsonify(body), error.status)
    response.headers["Cache-Control"] = "no-store"
    if isinstance(error, KeysUnavailableError):
        response.headers["Retry-After"] = str(error.retry_after)
    else:
        response.headers["WWW-Authenticate"] = challenge(error, realm)
    return response
