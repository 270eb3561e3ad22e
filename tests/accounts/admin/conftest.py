"""A server with an administrator, a moderator, somebody who looks after events alone, and people to look after."""

import pytest

from authserver.clients.live import LiveRegistry
from authserver.history.record import record
from authserver.store import users
from tests.accounts.conftest import MakeSite
from tests.accounts.site import Browser, Site

CLIENTS = """
apis:
  reports: {audience: "https://reports.example.com", permissions: {read:reports: Read reports}}
roles:
  user: [read:reports]
  auditor: [read:events]
  looker: [read:users]
  privacy: [read:users, "export:users"]
  moderator: {permissions: [read:users, write:users], may_give: [user, looker]}
  admin: ["admin:all"]
groups: {staff: [user], chiefs: [admin]}
default_role: user
clients:
  - client_id: portal
    name: Team <b>portal</b>
    type: spa
    redirect_uris: ["https://portal.example.com/callback"]
    apis: [reports]
    consent: never
"""


@pytest.fixture
def site(make_site: MakeSite) -> Site:
    return peopled(make_site(CLIENTS))


def peopled(site: Site) -> Site:
    """With everybody whom these tests need."""
    for name, roles in (("root", ["admin"]), ("mod", ["moderator"]), ("aud", ["auditor"]), ("ada", ["user"])):
        person = site.add(name, f"{name}@example.com", f"{name.title()} <i>x</i>")
        with site.app.server.database.write() as connection:
            users.set_roles(connection, person.sub, roles, 1)
    live(site)
    return site


def live(site: Site) -> None:
    """Write down what is live, as a worker does."""
    server = site.app.server
    registry = server._registry
    assert isinstance(registry, LiveRegistry)
    assert record(server.database, server.master, registry.arrival, "node-1", server.now())


def signed_in(site: Site, username: str) -> Browser:
    """Their browser, freshly signed in."""
    browser = site.browser()
    browser.sign_in(username)
    return browser


@pytest.fixture
def root(site: Site) -> Browser:
    return signed_in(site, "root")


@pytest.fixture
def mod(site: Site) -> Browser:
    return signed_in(site, "mod")
