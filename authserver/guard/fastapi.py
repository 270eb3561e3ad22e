"""The guard for FastAPI: dependencies that give a route the verified token of a caller who may.

app = FastAPI()
guard = FastAPIGuard(Guard("https://login.example.com", "https://reports.example.com"), app)


@app.get("/reports")
async def reports(token: Annotated[Token, Depends(guard.require_permission("read:reports"))]): ...

For a router or a whole application: `dependencies=[Depends(guard.require_token)]`.
"""

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase

from authserver.guard.checks.token import Token
from authserver.guard.current import KEY
from authserver.guard.current import token_of as current_token
from authserver.guard.errors import GuardError
from authserver.guard.permission import Check
from authserver.guard.protection import Protection
from authserver.guard.refusal import Refusal
from authserver.guard.sent import SentRequest
from authserver.guard.verifier import Guard

__all__ = ["FastAPIGuard", "Guard", "Token", "current_token"]


class RefusedError(HTTPException):
    """A refused request. Even where no handler is installed it has the right status and challenge."""

    def __init__(self, refusal: Refusal, description: str) -> None:
        own = {name: value for name, value in refusal.headers if not name.startswith("Content-")}
        super().__init__(refusal.status, description, own)
        self.refusal = refusal


class TokenRequired(SecurityBase):
    """A dependency; in the OpenAPI description it stands as the HTTP scheme `bearer`."""

    def __init__(self, guard: "FastAPIGuard", check: Check) -> None:
        self.model = HTTPBearer(bearerFormat="JWT")
        self.scheme_name = "AccessToken"
        self._guard = guard
        self._check = check

    async def __call__(self, request: Request) -> Token:
        """The verified token. Raises RefusedError."""
        request.scope[KEY] = token = await self._guard.admit(request, self._check)
        return token


class FastAPIGuard(Protection[TokenRequired]):
    """Dependencies for the routes of one resource server.

    `app` is taught to answer refusals as RFC 6750 §3 wants, with the same JSON body as under every framework.
    """

    def __init__(self, guard: Guard, app: FastAPI) -> None:
        super().__init__(guard)
        app.add_exception_handler(RefusedError, _answer)

    async def admit(self, request: Request, check: Check) -> Token:
        """The token of a request that passes the check. Raises RefusedError."""
        try:
            return await self._admit_async(_sent(request), check)
        except GuardError as error:
            raise RefusedError(self._refusal(error), error.description) from None

    def _requiring(self, check: Check) -> TokenRequired:
        return TokenRequired(self, check)


async def _answer(_request: Request, refused: Exception) -> Response:
    assert isinstance(refused, RefusedError)  # noqa: S101 - what the handler is registered for
    status, headers, body = refused.refusal
    return Response(body, status, dict(headers))


def _sent(request: Request) -> SentRequest:
    sent = request.headers
    return SentRequest(
        sent.getlist("Authorization"), sent.getlist("DPoP"), request.method, request.scope["path"], request.scope
    )
