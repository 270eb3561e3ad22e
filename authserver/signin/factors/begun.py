"""The cookie of a session that is begun: beside that of a live one, which goes on while its person confirms it."""

from flask import Response, request

from authserver.settings import Settings

# Seconds to present a second factor in.
TIME_TO_COMPLETE = 600


def presented_begun(settings: Settings) -> str:
    """What this browser's cookie says, "" without one; only the store knows whether it is such a session."""
    return request.cookies.get(_cookie_name(settings), "")


def set_begun_cookie(response: Response, settings: Settings, cookie: str) -> None:
    """Let this browser go on with the second factor."""
    response.set_cookie(
        _cookie_name(settings),
        cookie,
        max_age=TIME_TO_COMPLETE,
        path="/",
        secure=not settings.is_loopback,
        httponly=True,
        samesite="Lax",
    )


def clear_begun_cookie(response: Response, settings: Settings) -> None:
    """Take the cookie away."""
    response.delete_cookie(
        _cookie_name(settings), path="/", secure=not settings.is_loopback, httponly=True, samesite="Lax"
    )


def _cookie_name(settings: Settings) -> str:
    return "authserver_begun" if settings.is_loopback else "__Host-authserver_begun"
