"""The cookie of a session that is begun: beside that of a live one, which goes on while its person confirms it."""

from flask import Response

from authserver.pages import cookie as cookies
from authserver.settings import Settings

NAME = "authserver_begun"
# Seconds to present a second factor in.
TIME_TO_COMPLETE = 600


def presented_begun(settings: Settings) -> str:
    """What this browser's cookie says, "" without one; only the store knows whether it is such a session."""
    return cookies.presented(settings, NAME)


def set_begun_cookie(response: Response, settings: Settings, cookie: str) -> None:
    """Let this browser go on with the second factor."""
    cookies.set_cookie(response, settings, NAME, cookie, TIME_TO_COMPLETE)


def clear_begun_cookie(response: Response, settings: Settings) -> None:
    """Take the cookie away."""
    cookies.clear_cookie(response, settings, NAME)
