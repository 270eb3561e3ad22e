"""Which browser this is, before anybody has signed in: what handles and forms are bound to.

A signed cookie of Flask's holds a random id and the CSRF secret. It proves nothing but "the same browser"; who is
signed in is a matter of `signin.session`, whose cookie the server can end.
"""

import secrets

from flask import Flask, session
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from authserver.protocol.digest import digest


class BrowserCookie(SecureCookieSessionInterface):
    """Flask's cookie, with one signer for all requests: Flask makes a new one for each."""

    def __init__(self) -> None:
        self._serializer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        if self._serializer is None:
            self._serializer = super().get_signing_serializer(app)
        return self._serializer


def browser_digest() -> bytes:
    """The digest of this browser's id; a browser without one gets one."""
    if "browser" not in session:
        session["browser"] = secrets.token_urlsafe(32)
    return digest(session["browser"])


def forget_browser() -> None:
    """Begin anew, at sign-out: open forms and handles of the person before are void."""
    session.clear()
