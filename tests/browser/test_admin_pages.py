"""The pages for administrators in a real Chromium: accessible, fitting every screen, usable without JavaScript."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from authserver.clients.live import LiveRegistry
from authserver.store import users
from tests.accounts.admin.conftest import CLIENTS, live
from tests.accounts.conftest import MakeSite
from tests.browser.context import new_context
from tests.browser.portal import Place, opened
from tests.browser.test_account_pages import sign_in
from tests.browser.test_pages import check, press

AREA = {
    "": "Administration",
    "/people": "People",
    "/people/new": "Invite somebody",
    "/people/import": "Add people from a table",
    "/clients": "Clients and APIs",
    "/clients/portal": "Team portal",
    "/registered": "Registered clients",
    "/try/portal": "Try Team portal",
    "/history": "History of clients.yaml",
    "/history/2": "Version 2 of clients.yaml",
    "/explanation?login=ada&client_id=portal": "What a client would get",
    "/roles": "Roles and groups",
    "/roles/user": "user everybody who has no other",
    "/keys": "Signing keys",
    "/events": "Events",
    "/mail": "Mail",
    "/mail/letters/invite": "invite",
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
        live(place.site)
        path = server.settings.clients_file
        path.write_text(path.read_text().replace("consent: never", "consent: always"))
        registry = server._registry
        assert isinstance(registry, LiveRegistry)
        assert registry.reload()
        live(place.site)
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
        page.goto(f"{place.issuer}/admin/try/portal")
        press(page, "Show each step")
        check(page, "Try Team portal")
        page.goto(f"{place.issuer}/admin/people/import")
        page.get_by_label("Table (CSV)").fill("username,roles\neve,nothing\nzoe,user")
        press(page, "Show what would happen")
        check(page, "Add people from a table")


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


def test_people_are_found_while_somebody_types(chromium: Browser, place: Place) -> None:
    with new_context(chromium) as context:
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        go(page, place)
        page.goto(f"{place.issuer}/admin/people")
        field = page.get_by_label("Name or email address")
        field.press_sequentially("bo")
        expect(page.locator("#said")).to_have_text("1 person")
        expect(page.get_by_role("link", name="bob")).to_be_visible()
        expect(page.get_by_role("link", name="ada", exact=True)).to_have_count(0)
        expect(field).to_be_focused()
        expect(page).to_have_url(f"{place.issuer}/admin/people?search=bo")
        field.press_sequentially("zz")
        expect(page.get_by_text("Nobody found.")).to_be_visible()
        assert complaints == []


def test_a_file_is_read_into_the_field_and_people_are_added(
    chromium: Browser, place: Place, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("table") / "people.csv"
    file.write_text("\ufeffusername;name\nzoe;Zoë\n")
    with new_context(chromium) as context:
        page = context.new_page()
        go(page, place)
        page.goto(f"{place.issuer}/admin/people/import")
        page.get_by_label("File").set_input_files(file)
        expect(page.get_by_label("Table (CSV)")).to_have_value("username;name\nzoe;Zoë\n")
        press(page, "Show what would happen")
        expect(page.get_by_text("will be added")).to_be_visible()
        press(page, "Add these people")
        expect(page.get_by_role("status")).to_contain_text("Added: 1.")
