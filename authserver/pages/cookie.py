"""Cookies that say who is here: of one host and of https, out of reach of scripts.

OWASP ASVS 5 §3.3; RFC 6265bis §4.1.3. https://datatracker.ietf.org/doc/draft-ietf-httpbis-rfc6265bis/
"""

from flask import Response, request

from authserver.settings import Settings


def presented(settings: Settings, name: str) -> str:
    """What this browser's cookie says, "" without one; only the store knows whether it is one of ours."""
    return request.cookies.get(cookie_name(settings, name), "")


def set_cookie(response: Response, settings: Settings, name: str, value: str, max_age: int | None) -> None:
    """Hand the browser a cookie; without `max_age` (seconds) until the browser is closed."""
    response.set_cookie(
        cookie_name(settings, name),
        value,
        max_age=max_age,
        path="/",
        secure=not settings.is_loopback,
        httponly=True,
        samesite="Lax",
    )


def clear_cookie(response: Response, settings: Settings, name: str) -> None:
    """Take a cookie away from the browser."""
    response.delete_cookie(
        cookie_name(settings, name), path="/", secure=not settings.is_loopback, httponly=True, samesite="Lax"
    )


def cookie_name(settings: Settings, name: str) -> str:
    """`__Host-` binds the cookie to this host and https; on plain-http localhost browsers would refuse it."""
    return name if settings.is_loopback else f"__Host-{name}"
