"""The same resource server under every framework: the suite in test_frameworks.py holds all of them to one behaviour.

Each serves the routes of ROUTES, which answer with the subject of the token; `/open`, which no guard protects, answers
with the name of what current_token() raises there.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Annotated, Any, TypeVar

import django
import httpx
from django.conf import settings as django_settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path as django_path
from fastapi import Depends, FastAPI, Request
from fastapi.responses import PlainTextResponse
from flask import Flask
from starlette.applications import Starlette
from starlette.routing import Route

from authserver.guard import Guard, Token, asgi, fastapi, flask, starlette, wsgi
from authserver.guard import django as django_guard
from authserver.guard.protection import Protection

METHODS = ["GET", "POST"]
R = TypeVar("R")
ROUTES: dict[str, Callable[[Protection[Any]], Any]] = {
    "/read": lambda guard: guard.require_permission("read:reports"),
    "/delete": lambda guard: guard.require_permission("delete:reports"),
    "/all": lambda guard: guard.require_all_permissions("read:reports", "delete:reports", "audit:reports"),
    "/any": lambda guard: guard.require_any_permission("delete:reports", "write:reports"),
    "/none-of-any": lambda guard: guard.require_any_permission("delete:reports", "audit:reports"),
    "/me": lambda guard: guard.require_token,
    "/scope": lambda guard: guard.require_scope("profile", "read:reports"),
    "/scopes": lambda guard: guard.require_scope("openid", "delete:reports"),
    "/level": lambda guard: guard.require_acr("2", "3"),
    "/recent": lambda guard: guard.require_max_age(300),
    "/both": lambda guard: guard.require_acr("1", max_age=300),
}
Header = tuple[str, str | bytes]


def who(find: Callable[[], Token]) -> str:
    """The subject, or what was raised in its place."""
    try:
        return find().sub
    except RuntimeError as error:
        return type(error).__name__


def flask_app(guard: Guard) -> Any:
    app, protect = Flask("reports"), flask.FlaskGuard(guard)

    def view() -> str:
        return who(flask.current_token)

    app.add_url_rule("/open", "open", view)
    for path, require in ROUTES.items():
        app.add_url_rule(path, path, require(protect)(view), methods=METHODS)
    return app


def wsgi_app(guard: Guard) -> Any:
    def inner(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [who(lambda: wsgi.current_token(environ)).encode()]

    protect = wsgi.WsgiGuard(guard)
    apps = {path: require(protect)(inner) for path, require in ROUTES.items()}
    return lambda environ, start_response: apps.get(environ["PATH_INFO"], inner)(environ, start_response)


def asgi_app(guard: Guard) -> Any:
    async def inner(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": who(lambda: asgi.current_token(scope)).encode()})

    protect = asgi.AsgiGuard(guard)
    apps = {path: require(protect)(inner) for path, require in ROUTES.items()}
    return lambda scope, receive, send: apps.get(scope["path"], inner)(scope, receive, send)


def starlette_app(guard: Guard) -> Any:
    async def view(request: Request) -> PlainTextResponse:
        return PlainTextResponse(who(lambda: starlette.current_token(request)))

    def plain_view(request: Request) -> PlainTextResponse:
        return PlainTextResponse(who(lambda: starlette.current_token(request)))

    protect = starlette.StarletteGuard(guard)
    # A plain function as well: it runs in a thread of Starlette's.
    views = {path: plain_view if path == "/any" else view for path in ROUTES}
    routes = [Route(path, require(protect)(views[path]), methods=METHODS) for path, require in ROUTES.items()]
    return Starlette(routes=[Route("/open", view), *routes])


def fastapi_app(guard: Guard) -> Any:
    app = FastAPI()
    protect = fastapi.FastAPIGuard(guard, app)

    @app.get("/open")
    async def unguarded(request: Request) -> PlainTextResponse:
        return PlainTextResponse(who(lambda: fastapi.current_token(request)))

    def add(path: str, required: Any) -> None:
        async def route(token: Annotated[Token, Depends(required)], request: Request) -> PlainTextResponse:
            assert fastapi.current_token(request) is token
            return PlainTextResponse(token.sub)

        for method in METHODS:
            app.add_api_route(path, route, methods=[method])

    for path, require in ROUTES.items():
        add(path, require(protect))
    return app


def starlette_middleware(guard: Guard) -> Any:
    """The ASGI guard as a middleware of single routes."""

    async def view(request: Request) -> PlainTextResponse:
        return PlainTextResponse(who(lambda: asgi.current_token(request)))

    protect = asgi.AsgiGuard(guard)
    routes = []
    for path, require in ROUTES.items():
        inner = Starlette(routes=[Route(path, view, methods=METHODS)])
        inner.add_middleware(require(protect))
        routes.append(Route(path, inner))
    return Starlette(routes=[Route("/open", view), *routes])


def django_app(guard: Guard) -> Any:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(who(lambda: django_guard.current_token(request)))

    return _django(guard, view, WSGIHandler)


def django_async_app(guard: Guard) -> Any:
    async def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(who(lambda: django_guard.current_token(request)))

    return _django(guard, view, ASGIHandler)


def _django(guard: Guard, view: Any, handler: Callable[[], R]) -> R:
    protect = django_guard.DjangoGuard(guard)
    urls: Any = ModuleType("urls")
    guarded = [django_path(path[1:], require(protect)(view)) for path, require in ROUTES.items()]
    urls.urlpatterns = [django_path("open", view), *guarded]
    configure_django()
    # Left again by `serving`, which is the only one to build applications.
    override = override_settings(ROOT_URLCONF=urls)
    override.enable()
    OVERRIDES.append(override)
    return handler()


def configure_django() -> None:
    """The settings of the tests; Django knows only one set for a process."""
    if not django_settings.configured:
        middleware = ["django.middleware.csrf.CsrfViewMiddleware"]
        django_settings.configure(ALLOWED_HOSTS=["*"], SECRET_KEY="tests", MIDDLEWARE=middleware, USE_TZ=True)
        django.setup()


OVERRIDES: list[Any] = []
WSGI = {"flask": flask_app, "wsgi": wsgi_app, "django": django_app}
ASGI = {
    "asgi": asgi_app,
    "starlette": starlette_app,
    "starlette middleware": starlette_middleware,
    "fastapi": fastapi_app,
    "django async": django_async_app,
}


class Served:
    """An application and a way to call it; `framework` is a name of WSGI or ASGI."""

    def __init__(self, framework: str, guard: Guard) -> None:
        self.is_async = framework in ASGI
        self.app = (ASGI if self.is_async else WSGI)[framework](guard)

    def get(self, path: str, *headers: Header, **options: Any) -> httpx.Response:
        if self.is_async:
            return asyncio.run(get(self.app, *headers, path=path, **options))
        request = _request(path, headers, options)
        with httpx.Client(transport=httpx.WSGITransport(self.app)) as client:
            return client.send(request)


async def get(app: Any, *headers: Header, path: str = "/", **options: Any) -> httpx.Response:
    """One request to an ASGI application."""
    request = _request(path, headers, options)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        return await client.send(request)


def _request(path: str, headers: tuple[Header, ...], options: dict[str, Any]) -> httpx.Request:
    method = options.pop("method", "GET")
    # A mapping would hold one header of a name.
    listed = [(name.encode(), value if isinstance(value, bytes) else value.encode()) for name, value in headers]
    return httpx.Request(method, f"http://reports.example.com{path}", headers=listed, **options)


@contextmanager
def serving(framework: str, guard: Guard) -> Iterator[Served]:
    """The resource server under a framework."""
    try:
        yield Served(framework, guard)
    finally:
        while OVERRIDES:
            OVERRIDES.pop().disable()
