"""The guard for Django: decorators that let a view run only for a token that may.

guard = DjangoGuard(Guard("https://login.example.com", "https://reports.example.com"))


@guard.require_permission("read:reports")
def reports(request): ...

For a class-based view wrap what `as_view()` gives. What stands before a view is also a middleware: with
`require_token = guard.require_token` in reports/guard.py, MIDDLEWARE may name "reports.guard.require_token".
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from authserver.guard.checks.token import Token
from authserver.guard.current import as_token
from authserver.guard.errors import GuardError
from authserver.guard.permission import Check
from authserver.guard.protection import Protection
from authserver.guard.sent import SentRequest
from authserver.guard.verifier import Guard

__all__ = ["DjangoGuard", "Guard", "current_token"]

View = Callable[..., Any]
ATTRIBUTE = "authserver_token"


class DjangoDecorator:
    """Stands before a view, or in MIDDLEWARE; views and middleware may be synchronous or not."""

    sync_capable = True
    async_capable = True

    def __init__(self, guard: "DjangoGuard", check: Check) -> None:
        self._guard = guard
        self._check = check

    def __call__(self, view: View) -> View:
        guarded = self._asynchronous(view) if iscoroutinefunction(view) else self._synchronous(view)
        # A browser sends no bearer token by itself, so nobody can make it send one to this view.
        guarded.csrf_exempt = True  # type: ignore[attr-defined]
        return guarded

    def _synchronous(self, view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                setattr(request, ATTRIBUTE, self._guard.admit(request, self._check))
            except GuardError as error:
                return self._guard.answer(error)
            answer: HttpResponseBase = view(request, *args, **kwargs)
            return answer

        return guarded

    def _asynchronous(self, view: View) -> View:
        @wraps(view)
        async def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                setattr(request, ATTRIBUTE, await self._guard.admit_async(request, self._check))
            except GuardError as error:
                return self._guard.answer(error)
            answer: HttpResponseBase = await view(request, *args, **kwargs)
            return answer

        return guarded


class DjangoGuard(Protection[DjangoDecorator]):
    """Decorators for the views of one resource server; refusals are RFC 6750 §3's, with a JSON body."""

    def admit(self, request: HttpRequest, check: Check) -> Token:
        """The token of a request that passes the check. Raises GuardError."""
        return self._admit(_sent(request), check)

    async def admit_async(self, request: HttpRequest, check: Check) -> Token:
        """The same for an event loop."""
        return await self._admit_async(_sent(request), check)

    def answer(self, error: GuardError) -> HttpResponse:
        """The answer to a refused request."""
        status, headers, body = self._refusal(error)
        return HttpResponse(body, status=status, headers=dict(headers))

    def _requiring(self, check: Check) -> DjangoDecorator:
        return DjangoDecorator(self, check)


def current_token(request: HttpRequest) -> Token:
    """The verified token of a request. Raises RuntimeError in a view that no guard protects."""
    return as_token(getattr(request, ATTRIBUTE, None))


def _sent(request: HttpRequest) -> SentRequest:
    authorization, dpop = (
        [] if (value := request.META.get(name)) is None else [value] for name in ("HTTP_AUTHORIZATION", "HTTP_DPOP")
    )
    # Under ASGI, the scope has what META leaves out.
    origin = getattr(request, "scope", request.META)
    return SentRequest(authorization, dpop, request.method or "", request.path, origin)
