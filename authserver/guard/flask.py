"""The guard for Flask: decorators that let a view run only for a token that may.

guard = FlaskGuard(Guard("https://login.example.com", "https://reports.example.com"))


@app.delete("/reports/<id>")
@guard.require_permission("delete:reports")
def delete_report(id): ...
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, Protocol, TypeVar

from flask import Response, current_app, g, request
from flask.typing import ResponseReturnValue

from authserver.guard.checks.token import Token
from authserver.guard.current import as_token
from authserver.guard.errors import GuardError
from authserver.guard.permission import Check
from authserver.guard.protection import Protection
from authserver.guard.sent import SentRequest
from authserver.guard.verifier import Guard

__all__ = ["FlaskGuard", "Guard", "current_token"]

P = ParamSpec("P")
T = TypeVar("T", bound=ResponseReturnValue)


class FlaskDecorator(Protocol):
    """Stands under the route's decorator."""

    def __call__(self, view: Callable[P, T], /) -> Callable[P, ResponseReturnValue]: ...


class FlaskGuard(Protection[FlaskDecorator]):
    """Decorators for the views of one resource server; refusals are RFC 6750 §3's, with a JSON body."""

    def _requiring(self, check: Check) -> FlaskDecorator:
        def decorator(view: Callable[P, T], /) -> Callable[P, ResponseReturnValue]:
            @wraps(view)
            def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
                try:
                    g.authserver_token = self._admit(_sent(), check)
                except GuardError as error:
                    status, headers, body = self._refusal(error)
                    return Response(body, status, headers)
                answer: ResponseReturnValue = current_app.ensure_sync(view)(*args, **kwargs)
                return answer

            return guarded

        return decorator


def current_token() -> Token:
    """The verified token of the request that runs. Raises RuntimeError in a view that no guard protects."""
    return as_token(g.get("authserver_token"))


def _sent() -> SentRequest:
    sent = request.headers
    path = request.root_path.rstrip("/") + request.path
    return SentRequest(sent.getlist("Authorization"), sent.getlist("DPoP"), request.method, path, request.environ)
