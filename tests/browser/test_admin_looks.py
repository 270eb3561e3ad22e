"""How the pages for administrators look on a phone and a laptop, in English and German: nothing is cut or crowded."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.accounts.admin.conftest import live
from tests.accounts.conftest import MakeSite
from tests.accounts.site import PASSWORD
from tests.browser.context import new_context
from tests.browser.portal import Place
from tests.browser.screens import furnished
from tests.browser.test_account_pages import sign_in
from tests.browser.test_admin_pages import AREA
from tests.browser.test_pages import DESKTOP, NARROW, PHONE

# What is wider than its place, and whose place is not one that is scrolled.
CUT = """() => [...document.querySelectorAll("header *, nav *, main *")].filter(each => {
  const outside = each.closest("svg, .unseen, pre, thead, [hidden]");
  const control = ["INPUT", "SELECT", "TEXTAREA"].includes(each.tagName);
  return !outside && !control && each.clientWidth && each.scrollWidth > each.clientWidth + 1;
}).map(each => `${each.tagName} ${each.className} ${each.innerText.slice(0, 60)}`)"""


@pytest.fixture
def place(make_site: MakeSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setenv("UPSTREAM", "x" * 32)
    with furnished(make_site, tmp_path) as place:
        live(place.site)
        yield place


def opened_page(page: Page, place: Place, path: str, screen: ViewportSize = PHONE) -> None:
    page.set_viewport_size(DESKTOP)
    page.goto(f"{place.issuer}/admin{path}")
    if page.locator("#password").count():
        page.locator("#username").fill("ada")
        page.locator("#password").fill(PASSWORD)
        page.locator("button.primary").click()
        # Where the sign-in leads is seen by its navigation, in whatever language.
        expect(page.locator("nav.places")).to_be_attached()
        page.goto(f"{place.issuer}/admin{path}")
    page.set_viewport_size(screen)


def middle(page: Page, selector: str) -> float:
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["y"] + box["height"] / 2


def test_on_a_phone_facts_stand_two_a_row(chromium: Browser, place: Place) -> None:
    with new_context(chromium) as context:
        page = context.new_page()
        for path in ("", "/clients/portal"):
            opened_page(page, place, path)
            tiles = [each.bounding_box() for each in page.locator(".tiles > div").all()]
            tops = [round(each["y"]) for each in tiles if each]
            assert tops[0] == tops[1] < tops[2] == tops[3], path


def test_on_a_phone_every_cell_of_a_list_is_seen(chromium: Browser, place: Place) -> None:
    with new_context(chromium) as context:
        page = context.new_page()
        for path in ("/people", "/clients", "/events", "/keys", "/roles/user", "/history"):
            opened_page(page, place, path)
            assert page.locator(".scroll td").count() > 0, path
            assert page.evaluate(
                "[...document.querySelectorAll('.scroll')].every(each => each.scrollWidth <= each.clientWidth)"
            ), path


@pytest.mark.slow
@pytest.mark.parametrize("locale", ["en-US", "de-DE"])
def test_no_page_cuts_or_overlaps_a_word_however_narrow(chromium: Browser, place: Place, locale: str) -> None:
    with new_context(chromium, locale=locale) as context:
        page = context.new_page()
        for path in AREA:
            opened_page(page, place, path, DESKTOP)
            # Of a laptop at 200 % zoom, half the pixels are left.
            for screen in (DESKTOP, ViewportSize(width=640, height=400), PHONE, NARROW):
                page.set_viewport_size(screen)
                width = screen["width"]
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
                if width <= PHONE["width"]:
                    assert page.evaluate(CUT) == [], (path, width)


def test_a_client_is_seen_by_its_logo(chromium: Browser, place: Place) -> None:
    with new_context(chromium) as context:
        page = context.new_page()
        opened_page(page, place, "/clients/portal")
        assert page.locator("main img.mark").evaluate("each => each.naturalWidth") == 96


def test_the_way_back_stands_on_the_line_of_the_products_name(chromium: Browser, place: Place) -> None:
    with new_context(chromium) as context:
        page = context.new_page()
        page.goto(place.authorize_url())
        sign_in(page)
        page.get_by_role("button", name="Allow").click()
        expect(page.get_by_role("heading", name="Arrived")).to_be_visible()
        for screen in (DESKTOP, PHONE):
            opened_page(page, place, "", screen)
            assert abs(middle(page, ".ways a") - middle(page, ".brand")) < 1, screen


def test_on_a_phone_a_detail_leads_back_to_its_list(chromium: Browser, place: Place) -> None:
    with new_context(chromium) as context:
        page = context.new_page()
        for path, label in (("/clients/portal", "Clients and APIs"), ("/roles/user", "Roles and groups")):
            opened_page(page, place, path)
            page.get_by_role("navigation", name="Back").get_by_role("link", name=label).click()
            expect(page.get_by_role("heading", level=1)).to_have_text(label)


def test_a_text_is_copied_by_the_button_beside_it(chromium: Browser, place: Place) -> None:
    with new_context(chromium, permissions=["clipboard-read", "clipboard-write"]) as context:
        page = context.new_page()
        opened_page(page, place, "/clients/portal", DESKTOP)
        page.get_by_role("button", name="Copy").first.click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == page.locator("pre[data-copy]").first.inner_text()
