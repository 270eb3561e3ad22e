"""One browser on its way through the sign-in page, the provider, and back."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from authserver.federation.metadata import Upstreams
from authserver.federation.provider import EXTENSION
from authserver.pages.app import App
from authserver.store import users
from authserver.store.upstream import identities
from authserver.store.upstream.identities import Identity
from authserver.store.users import User
from tests.flows.browser import PASSWORD, Browser, Landing
from tests.flows.page import Form
from tests.flows.provider import Provider
from tests.flows.relying_party import Attempt, RelyingParty, Tokens
from tests.mail.post import Queued, queued
from tests.patience import PATIENCE
from tests.provider.running import go_through
from tests.provider.state import State

SECRET = "example-provider-secret"
BUTTON = "Continue with Example"


def leads_to(landing: Landing) -> str:
    """Where a page leads on to by itself."""
    at, _, url = landing.headers["Refresh"].partition("; url=")
    assert at == "0"
    assert url in landing.page.links.values()
    return url


def parameters_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def be_patient(app: App) -> None:
    """Have the server wait for its providers longer than the setting allows, and know nothing of them yet."""
    upstreams: Upstreams = app.extensions[EXTENSION]
    upstreams._timeout = PATIENCE
    upstreams._known.clear()


@dataclass
class Journey:
    """A server, the provider upstream and one browser."""

    site: Provider
    upstream: State
    browser: Browser

    @property
    def portal(self) -> RelyingParty:
        """A client that asks for no consent."""
        return self.site.client("intranet")

    def button(self, landing: Landing, text: str = BUTTON) -> Form:
        """The form of the provider's button."""
        (form,) = (each for each in landing.page.forms if text in each.buttons)
        return form

    def start(self, landing: Landing, text: str = BUTTON) -> str:
        """Press the provider's button; returns the address there that the browser is led to."""
        return leads_to(self.browser.submit(landing, form=self.button(landing, text)))

    def through(self, landing: Landing, subject: str = "ellen") -> Landing:
        """Press the button, choose an account there, come back."""
        return self.browser.open(go_through(self.start(landing), subject))

    def ask(self, **changes: str | None) -> tuple[Attempt, Landing]:
        """A new authorization request of the portal, as far as its first page."""
        attempt = self.portal.ask(**{"scope": "openid profile email", **changes})
        return attempt, self.browser.open(attempt.url)

    def sign_in(self, subject: str = "ellen", **changes: str | None) -> Tokens:
        """A whole sign-in of the portal through the provider."""
        attempt, landing = self.ask(**changes)
        return self.portal.finish(attempt, self.through(landing, subject))

    def fails(self, subject: str = "ellen") -> Landing:
        """A sign-in that leads back to the sign-in page; from there the password still leads on to the portal."""
        attempt, landing = self.ask()
        back = self.through(landing, subject)
        assert back.heading == "Sign in", back.text
        assert "alert(1)" not in back.text
        assert self.site.events("user:login:succeeded") == []
        self.portal.finish(attempt, self.enter_password(back))
        return back

    def enter_password(self, landing: Landing, username: str = "ada", password: str = PASSWORD) -> Landing:
        """The other half of the sign-in page."""
        return self.browser.submit(landing, form=landing.page.forms[0], username=username, password=password)

    def user(self, sub: str) -> User:
        with self.site.database.read() as connection:
            user = users.get(connection, sub)
        assert user is not None
        return user

    def identities(self, sub: str) -> list[Identity]:
        with self.site.database.read() as connection:
            return identities.of_person(connection, sub)

    def mails(self) -> list[str]:
        """The kinds of mails that wait, in order."""
        return [each.kind for each in self._queued]

    def mailed_code(self) -> tuple[str, str]:
        """Address and code of the newest mail that holds one."""
        newest = [each for each in self._queued if each.kind == "prove"][-1]
        found = re.search(r"^ +(\d{6})\s*$", newest.text, re.MULTILINE)
        assert found
        return newest.to, found[1]

    @property
    def _queued(self) -> list[Queued]:
        return queued(self.site.database, self.site.app.server.master)

    def problem(self, landing: Landing) -> str:
        """What the page says in its alert."""
        found = re.search(r'role="alert">\s*<p>(.*?)</p>', landing.text, re.DOTALL)
        return unescape(found[1]) if found else ""

    def add(self, username: str, **values: Any) -> User:
        """A person of this server with these values, and the usual password."""
        with self.site.database.write() as connection:
            known = users.by_login(connection, "ada")
            assert known is not None
            hashed = values.pop("password_hash", known.password_hash)
            return users.add(connection, username=username, password_hash=hashed, now=self.site.clock.now, **values)
