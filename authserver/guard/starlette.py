"""The guard for Starlette: decorators that let an endpoint run only for a token that may.

guard = StarletteGuard(Guard("https://login.example.com", "https://reports.example.com"))


@guard.require_permission("read:reports")
async def reports(request): ...

To protect a whole application see `authserver.guard.asgi`, which is a middleware too.
"""

from collections.abc import Awaitable, Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from authserver.guard.current import KEY
from authserver.guard.current import token_of as current_token
from authserver.guard.errors import GuardError
from authserver.guard.permission import Check
from authserver.guard.protection import Protection
from authserver.guard.sent import SentRequest
from authserver.guard.verifier import Guard

__all__ = ["Guard", "StarletteGuard", "current_token"]

Endpoint = Callable[[Request], Any]
Decorator = Callable[[Endpoint], Callable[[Request], Awaitable[Response]]]


class StarletteGuard(Protection[Decorator]):
    """Decorators for the endpoints of one resource server; refusals are RFC 6750 §3's, with a JSON body."""

    def _requiring(self, check: Check) -> Decorator:
        def decorator(endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
            @wraps(endpoint)
            async def guarded(request: Request) -> Response:
                try:
                    token = await self._admit_async(_sent(request), check)
                except GuardError as error:
                    status, headers, body = self._refusal(error)
                    return Response(body, status, dict(headers))
                request.scope[KEY] = token
                run = endpoint(request) if iscoroutinefunction(endpoint) else run_in_threadpool(endpoint, request)
                answer: Response = await run
                return answer

            return guarded

        return decorator


def _sent(request: Request) -> SentRequest:
    sent = request.headers
    return SentRequest(
        sent.getlist("Authorization"), sent.getlist("DPoP"), request.method, request.scope["path"], request.scope
    )
