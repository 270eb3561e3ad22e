"""The page of one's picture in a real Chromium: accessible, by keyboard, with and without script, in every state."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.context import new_context
from tests.browser.portal import Place
from tests.browser.test_pages import check, press, sign_in
from tests.pictures import picture

SHOWN = ".looks .portrait"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    file = tmp_path / "me.png"
    file.write_bytes(picture())
    return file


def go(page: Page, place: Place) -> None:
    page.goto(f"{place.issuer}/account/profile")
    sign_in(page)
    page.get_by_role("link", name="Add a picture").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Picture")


def is_seen(page: Page) -> None:
    """The picture itself, whole and as a square of 256 pixels; not a broken image."""
    expect(page.locator(SHOWN)).to_be_visible()
    assert page.locator(SHOWN).evaluate("each => [each.naturalWidth, each.naturalHeight]") == [256, 256]


@pytest.mark.slow
def test_it_is_accessible_and_fits_in_each_state(chromium: Browser, place: Place, photo: Path) -> None:
    with new_context(chromium) as context:
        page = context.new_page()
        go(page, place)
        check(page, "Picture")
        page.get_by_label("Image file").set_input_files(photo)
        press(page, "Save")
        expect(page.get_by_role("status")).to_have_text("Your picture has been saved.")
        is_seen(page)
        check(page, "Picture")
        photo.write_bytes(b"no picture")
        page.get_by_label("New picture").set_input_files(photo)
        press(page, "Save")
        expect(page.get_by_role("alert")).to_be_visible()
        why = re.compile(re.escape(page.get_by_role("alert").inner_text().strip()))
        expect(page.get_by_label("New picture")).to_have_accessible_description(why)
        assert page.title().startswith("Error: ")
        check(page, "Picture")


def test_it_is_uploaded_and_removed_by_keyboard_without_script(chromium: Browser, place: Place, photo: Path) -> None:
    with new_context(chromium, java_script_enabled=False) as context:
        page = context.new_page()
        # Before there is anything to press: a chooser that nobody listens for yet is lost.
        page.on("filechooser", lambda chooser: chooser.set_files(photo))
        go(page, place)
        field = page.get_by_label("Image file")
        field.focus()
        page.keyboard.press("Enter")
        expect(field).to_have_value(re.compile("me.png"))
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="Save")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_have_text("Your picture has been saved.")
        page.get_by_role("button", name="Remove the picture").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_have_text("Your picture has been removed.")
        expect(page.locator(SHOWN)).to_have_count(0)


def test_a_phone_leads_back_to_the_profile_where_the_picture_is_shown(
    chromium: Browser, place: Place, photo: Path
) -> None:
    with new_context(chromium, viewport={"width": 390, "height": 844}) as context:
        page = context.new_page()
        go(page, place)
        page.get_by_label("Image file").set_input_files(photo)
        press(page, "Save")
        page.get_by_role("navigation", name="Back").get_by_role("link", name="Profile").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Profile")
        is_seen(page)
