"""The cookie of a known device: a browser that somebody has signed in with before."""

from flask import Response, request

from authserver.pages.current import current_server
from authserver.settings import Settings


def presented_device() -> str | None:
    """What this browser's cookie says; only the store knows whether it is one of ours."""
    return request.cookies.get(_cookie_name(current_server().settings))


def set_device_cookie(response: Response, settings: Settings, cookie: str) -> None:
    """Let this browser be known from now on. It opens nothing: it only sets it apart from strangers' browsers."""
    response.set_cookie(
        _cookie_name(settings),
        cookie,
        max_age=settings.device_lifetime,
        path="/",
        secure=not settings.is_loopback,
        httponly=True,
        samesite="Lax",
    )


def _cookie_name(settings: Settings) -> str:
    return "authserver_device" if settings.is_loopback else "__Host-authserver_device"
