"""What tests of the pages for administrators do again and again."""

import json
import re
from functools import reduce
from html import unescape
from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

from authserver.admin import PAGES
from authserver.store import users
from authserver.store.tables import events
from authserver.store.users import User
from tests.accounts.site import Browser, Site

# What stands in the address of a page, on the site of these tests; the `sub` is that of ada.
SAMPLES = {
    "<path:client_id>": "portal",
    "<name>": "invite",
    "<role_name>": "user",
    "<api_name>": "reports",
    "<number>": "1",
}
PLACES = [
    reduce(lambda rule, name: rule.replace(name, SAMPLES[name]), SAMPLES, rule)
    for rule, _view, methods in PAGES
    if "GET" in methods
]


def find(site: Site, login: str) -> User:
    with site.app.server.database.read() as connection:
        user = users.by_login(connection, login)
    assert user is not None
    return user


def token_on(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return unescape(found[1])


def as_seen(page: str) -> dict[str, str]:
    """What the forms of the keys send along, as this page has it."""
    newest = re.search(r'name="newest" value="([^"]+)"', page)
    assert newest
    return {"csrf_token": token_on(page), "newest": newest[1]}


def act(browser: Browser, user: User, name: str, *, version: int | None = None, **fields: Any) -> TestResponse:
    """Press the button of an act on the page of a person, as it was seen."""
    path = f"/admin/people/{user.sub}"
    page = browser.get(path).text
    seen = re.search(r'name="version" value="(\d+)"', page)
    data = {"csrf_token": token_on(browser.get("/account/profile").text), "act": name}
    data["version"] = str(version if version is not None else int(seen[1]) if seen else user.version)
    return browser.post(path, data=data | fields)


def at(site: Site, place: str) -> str:
    """The address of one of `PLACES`."""
    return place.replace("<sub>", find(site, "ada").sub)


def told(site: Site) -> list[tuple[str, dict[str, object]]]:
    """Every event that was kept, the oldest first, with its detail."""
    site.app.server.recorder.flush()
    with site.app.server.database.read() as connection:
        rows = connection.execute(select(events.c.name, events.c.detail).order_by(events.c.id)).all()
    return [(name, json.loads(detail)) for name, detail in rows]
