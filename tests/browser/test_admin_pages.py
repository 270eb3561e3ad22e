"""The pages for administrators in a real Chromium: accessible, fitting every screen, usable without JavaScript."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from authserver.store import users
from tests.accounts.admin.conftest import CLIENTS
from tests.accounts.conftest import MakeSite
from tests.browser.context import new_context
from tests.browser.portal import Place, opened
from tests.browser.test_account_pages import sign_in
from tests.browser.test_pages import check, press

AREA = {
    "": "Administration",
    "/people": "People",
    "/people/new": "Invite somebody",
    "/clients": "Clients and APIs",
    "/clients/portal": "Team portal",
    "/roles": "Roles and groups",
    "/keys": "Signing keys",
    "/events": "Events",
    "/mail": "Mail",
}


@pytest.fixture
def place(make_site: MakeSite) -> Iterator[Place]:
    def make(*_given: Any, **changed: Any) -> Any:
        return make_site(CLIENTS.replace(" <b>portal</b>", " portal"), **changed)

    with opened(make) as place:
        server = place.site.app.server
        with server.database.write() as connection:
            ada = users.by_login(connection, "ada")
            assert ada is not None
            users.set_roles(connection, ada.sub, ["admin"], 1)
        place.site.add("bob", "bob@example.com", "Bob")
        yield place


def go(page: Page, place: Place) -> None:
    page.goto(f"{place.issuer}/account")
    sign_in(page)
    page.get_by_role("link", name="Administration").click()


@pytest.mark.slow
def test_every_page_is_accessible_and_fits(chromium: Browser, place: Place) -> None:
    with new_context(chromium) as context:
        page = context.new_page()
        go(page, place)
        for path, heading in AREA.items():
            page.goto(f"{place.issuer}/admin{path}")
            check(page, heading)
        page.goto(f"{place.issuer}/admin/people")
        page.get_by_role("link", name="bob").click()
        check(page, "Bob")
        page.get_by_label("auditor").check()
        page.get_by_role("group", name="Roles").get_by_role("button", name="Save").click()
        check(page, "Bob")
        expect(page.get_by_role("status")).to_have_text("The roles have been saved.")
        page.goto(f"{place.issuer}/admin/people?search=nobody")
        check(page, "People")


def test_an_administrator_does_their_work_without_script(chromium: Browser, place: Place) -> None:
    with new_context(chromium, java_script_enabled=False) as context:
        page = context.new_page()
        go(page, place)
        page.get_by_role("link", name="People", exact=True).click()
        page.get_by_label("Name or email address").fill("bo")
        press(page, "Find")
        page.get_by_role("link", name="bob").click()
        press(page, "Disable the account")
        expect(page.get_by_role("status")).to_have_text("The account is disabled, and nothing runs any more.")
        press(page, "Enable the account")
        expect(page.get_by_role("status")).to_have_text("The account is enabled.")
        page.get_by_role("link", name="Events", exact=True).click()
        expect(page.get_by_text("user:account:disabled", exact=True).first).to_be_visible()
