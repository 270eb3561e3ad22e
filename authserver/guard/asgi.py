"""The guard for every ASGI application: a wrapper that lets a request in only with a token that may.

guard = AsgiGuard(Guard("https://login.example.com", "https://reports.example.com"))
application = guard.require_permission("read:reports")(application)

Inside, `current_token(scope)` is the token. It is also a middleware for Starlette and FastAPI:
`app.add_middleware(guard.require_token)`. ASGI: https://asgi.readthedocs.io/en/latest/specs/www.html
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from authserver.guard.current import KEY
from authserver.guard.current import token_of as current_token
from authserver.guard.errors import GuardError
from authserver.guard.metadata import Publication
from authserver.guard.permission import Check
from authserver.guard.protection import Protection
from authserver.guard.refusal import Refusal
from authserver.guard.sent import SentRequest
from authserver.guard.verifier import Guard

__all__ = ["AsgiGuard", "Guard", "current_token"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Wrapper = Callable[[Application], Application]


class AsgiGuard(Protection[Wrapper]):
    """Wrappers for the applications of one resource server, for HTTP and WebSockets; refusals are RFC 6750 §3's."""

    def publish(self, application: Application) -> Application:
        """The application with its RFC 9728 metadata beside it: outermost, so that nothing guards them.

        Raises ValueError where the audience is no address.
        """
        publication = Publication(self.guard)

        async def published(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or not publication.answers(scope["method"], scope["path"]):
                await application(scope, receive, send)
                return
            answer = publication.answer()
            await _answer(answer._replace(body=b"") if scope["method"] == "HEAD" else answer, send)

        return published

    def _requiring(self, check: Check) -> Wrapper:
        def wrapper(application: Application) -> Application:
            async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
                if scope["type"] not in ("http", "websocket"):
                    # The start and the end of the server: nobody's request.
                    await application(scope, receive, send)
                    return
                try:
                    token = await self._admit_async(_sent(scope), check)
                except GuardError as error:
                    await _refuse(self._refusal(error), scope, receive, send)
                    return
                await application({**scope, KEY: token}, receive, send)

            return guarded

        return wrapper


def _sent(scope: Scope) -> SentRequest:
    authorization, dpop = (
        [value.decode("latin-1") for name, value in scope["headers"] if name.lower() == wanted]
        for wanted in (b"authorization", b"dpop")
    )
    # The handshake of a WebSocket is a GET.
    return SentRequest(authorization, dpop, scope.get("method", "GET"), scope["path"], scope)


async def _refuse(refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    message = "http.response"
    if scope["type"] == "websocket":
        await receive()
        if "websocket.http.response" not in (scope.get("extensions") or {}):
            # Before it was accepted: the server answers the handshake with 403.
            await send({"type": "websocket.close", "code": 1008})
            return
        message = "websocket.http.response"
    await _answer(refusal, send, message)


async def _answer(answer: Refusal, send: Send, message: str = "http.response") -> None:
    headers = [(name.lower().encode(), value.encode()) for name, value in answer.headers]
    await send({"type": f"{message}.start", "status": answer.status, "headers": headers})
    await send({"type": f"{message}.body", "body": answer.body})
