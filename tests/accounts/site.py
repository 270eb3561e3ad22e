"""A whole server for one test, one person in it, and a browser that fills forms."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urlencode

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from authserver.pages.app import App
from authserver.signin import password
from authserver.store import users
from authserver.store.users import User

ISSUER = "http://localhost:8080"
NOW = 1_800_000_000
PASSWORD = "Correct horse 1!"
COOKIE = "authserver_session"
CLIENTS = """
roles: {user: [], admin: []}
clients:
  - client_id: portal
    name: Team <b>portal</b>
    type: spa
    redirect_uris: ["https://portal.example.com/callback"]
    consent: never
"""


@dataclass
class Clock:
    """Seconds since the epoch, moved by hand."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now


@dataclass
class Site:
    """The application, its clock, and what tests do to people behind its back."""

    app: App
    clock: Clock

    def add(self, username: str, email: str | None = None, name: str | None = None) -> User:
        """A person with the usual password."""
        server = self.app.server
        stored = password.shared(server.settings).hash(PASSWORD)
        with server.database.write() as connection:
            return users.add(connection, username=username, email=email, name=name, password_hash=stored, now=NOW)

    def browser(self) -> "Browser":
        return Browser(self.app)


class Browser(FlaskClient):
    """Cookies, and the form of the page that was fetched last."""

    def __init__(self, app: App) -> None:
        super().__init__(app, response_wrapper=app.response_class, use_cookies=True)
        settings = app.server.settings
        self.origin = f"{settings.scheme}://{settings.authority}"
        self.action = ""
        self.csrf = ""

    def open(self, *args: Any, **request: Any) -> TestResponse:
        """One request to the server at its own address."""
        return super().open(*args, **{"base_url": self.origin} | request)

    def visit(self, url: str) -> TestResponse:
        """Fetch a page and remember its form."""
        response = self.get(url.removeprefix(ISSUER))
        form = re.search(r'<form method="post" action="([^"]+)"', response.text)
        token = re.search(r'name="csrf_token" value="([^"]+)"', response.text)
        self.action, self.csrf = (unescape(found[1]) if found else "" for found in (form, token))
        return response

    def authorize(self, **parameters: str) -> TestResponse:
        """Begin an authorization request of the portal, as far as its first page or answer."""
        query = {
            "response_type": "code",
            "client_id": "portal",
            "redirect_uri": "https://portal.example.com/callback",
            "scope": "openid",
            "state": "xyz",
            "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            "code_challenge_method": "S256",
        }
        response = self.get(f"/authorize?{urlencode(query | parameters)}")
        location = response.headers["Location"]
        return self.visit(location) if location.startswith(f"{ISSUER}/sign-in") else response

    def submit(self, **fields: str) -> TestResponse:
        """Send the form of the page fetched last."""
        return self.post(self.action.removeprefix(ISSUER), data={"csrf_token": self.csrf} | fields)

    def sign_in(self, username: str, password: str = PASSWORD, **fields: str) -> TestResponse:
        """Send the sign-in form, fetching it where the last page had none."""
        if not self.action:
            self.visit("/sign-in?another=1")
        response = self.submit(username=username, password=password, **fields)
        if response.status_code == 303:
            self.action = ""
        return response

    def session_cookie(self) -> str | None:
        cookie = self.get_cookie(COOKIE)
        return cookie.value if cookie else None
