"""What tests of the account area do again and again."""

from sqlalchemy import select

from authserver.store import users
from authserver.store.tables import events
from authserver.store.users import User
from tests.accounts.site import CLIENTS, ISSUER, Browser, Site

NEW = "Another horse 99?"
FRESH = ("email", "password", "export", "delete")
PLACES = ("profile", "picture", "sessions", "applications", "activity", *FRESH)
PORTAL = CLIENTS.replace("consent: never", "consent: once")


def find(site: Site, login: str = "ada") -> User | None:
    with site.app.server.database.read() as connection:
        return users.by_login(connection, login)


def told(site: Site) -> list[str]:
    site.app.server.recorder.flush()
    with site.app.server.database.read() as connection:
        return list(connection.execute(select(events.c.name).order_by(events.c.id)).scalars())


def allow(browser: Browser) -> None:
    """Give the portal access."""
    asked = browser.authorize(scope="openid profile email")
    browser.visit(asked.headers["Location"])
    onward = browser.submit(decision="allow").headers["Location"]
    assert "code=" in browser.get(onward.removeprefix(ISSUER)).headers["Location"]
