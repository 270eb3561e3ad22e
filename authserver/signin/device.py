"""The cookie of a known device: a browser that somebody has signed in with before."""

from flask import Response

from authserver.pages import cookie as cookies
from authserver.pages.current import current_server
from authserver.settings import Settings

NAME = "authserver_device"


def presented_device() -> str | None:
    """What this browser's cookie says; only the store knows whether it is one of ours."""
    return cookies.presented(current_server().settings, NAME) or None


def set_device_cookie(response: Response, settings: Settings, cookie: str) -> None:
    """Let this browser be known from now on. It opens nothing: it only sets it apart from strangers' browsers."""
    cookies.set_cookie(response, settings, NAME, cookie, settings.device_lifetime)
