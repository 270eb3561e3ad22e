"""What fits a screen, in a real Chromium: nothing below the fold of a laptop, nothing beside that of a phone."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.accounts.conftest import MakeSite
from tests.accounts.site import PASSWORD
from tests.browser.context import new_context
from tests.browser.portal import Place, opened
from tests.browser.test_pages import DESKTOP, sign_in

PHONE = ViewportSize(width=390, height=844)
# As full as these pages get: two providers, a passkey, signing up, and every claim beside an API's permissions.
MORE = """
providers:
  google: {preset: google, client_id: x, secret: {env: UPSTREAM}}
  work: {issuer: "https://id.example.com", label: Example Inc, client_id: x, secret: {env: UPSTREAM}}
"""
SCOPE = "openid profile email offline_access read:reports write:reports"
FOCUSED = """() => {
  const style = getComputedStyle(document.activeElement);
  return [document.activeElement.tagName, style.outlineStyle, style.outlineWidth, style.outlineColor];
}"""


@pytest.fixture
def place(make_site: MakeSite, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setenv("UPSTREAM", "x" * 32)

    def make(clients: str, **changed: Any) -> Any:
        return make_site(clients + MORE, **changed, signup="open")

    with opened(make) as place:
        yield place


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with new_context(chromium, viewport=DESKTOP, locale="en-US") as context:
        yield context.new_page()


def fits(page: Page, heading: str) -> None:
    """The page that was expected; on a laptop's screen all of it is seen, and a phone scrolls it one way only."""
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    page.set_viewport_size(DESKTOP)
    assert page.evaluate("document.documentElement.scrollHeight") <= DESKTOP["height"], heading
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], heading
    for button in page.locator("button:visible").all():
        # Wherever there is too little room, letters stand one above the other.
        box = button.bounding_box()
        assert box is not None
        assert box["height"] < 80, (heading, button.inner_text())
    page.set_viewport_size(DESKTOP)


@pytest.mark.parametrize(
    ("locale", "headings"),
    [
        ("en-US", ("Sign in", "Allow Team portal?", "Your account", "You’re signed in")),
        ("de-DE", ("Anmelden", "Team portal erlauben?", "Ihr Konto", "Sie sind angemeldet")),
    ],
)
def test_what_people_decide_on_is_seen_at_once(
    chromium: Browser, place: Place, locale: str, headings: tuple[str, ...]
) -> None:
    with new_context(chromium, viewport=DESKTOP, locale=locale) as context:
        page = context.new_page()
        page.goto(place.authorize_url(scope=SCOPE))
        expect(page.locator("button[data-passkey]")).to_be_visible()
        fits(page, headings[0])
        page.locator("#username").fill("ada")
        page.locator("#password").fill(PASSWORD)
        page.locator("button.primary").click()
        fits(page, headings[1])
        page.locator("button.primary").click()
        expect(page.get_by_role("heading", name="Arrived")).to_be_visible()
        for path, heading in zip(("/account", "/"), headings[2:], strict=True):
            page.goto(f"{place.issuer}{path}")
            fits(page, heading)


@pytest.mark.parametrize("locale", ["en-US", "de-DE"])
def test_every_way_to_sign_in_is_seen_at_once_however_many_there_are(
    chromium: Browser, make_site: MakeSite, monkeypatch: pytest.MonkeyPatch, locale: str
) -> None:
    monkeypatch.setenv("UPSTREAM", "x" * 32)
    third = MORE + "  github: {preset: github, client_id: x, secret: {env: UPSTREAM}}\n"
    links = "\n    policy_uri: https://portal.example.com/privacy\n    tos_uri: https://portal.example.com/terms"

    def make(clients: str, **changed: Any) -> Any:
        clients = clients.replace("name: Team portal", f"name: Team portal{links}") + third
        return make_site(clients, **changed, signup="open", signin_by_mail=True, smtp_host="mail.example.com")

    with opened(make) as place, new_context(chromium, viewport=DESKTOP, locale=locale) as context:
        page = context.new_page()
        page.goto(place.authorize_url(scope=SCOPE))
        expect(page.locator("button[data-passkey]")).to_be_visible()
        expect(page.locator(".asides a")).to_have_count(3)
        expect(page.locator(".providers button")).to_have_count(3)
        for way in page.locator("main button:visible, .asides a").all():
            box = way.bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= DESKTOP["height"], way.inner_text()


def test_on_a_phone_an_area_is_a_list_that_its_other_pages_lead_back_to(page: Page, place: Place) -> None:
    page.set_viewport_size(PHONE)
    page.goto(f"{place.issuer}/account")
    sign_in(page)
    expect(page.get_by_role("navigation", name="Your account")).to_be_hidden()
    page.get_by_role("link", name="Applications").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Applications")
    expect(page.get_by_role("navigation", name="Your account")).to_be_hidden()
    page.get_by_role("link", name="Your account").click()
    page.get_by_role("link", name="Delete account").click()
    expect(page.get_by_label("Yes, delete my account for good")).to_be_visible()


def test_every_stop_of_the_keyboard_can_be_seen(page: Page, place: Place) -> None:
    page.goto(f"{place.issuer}/account")
    for stop in (*range(6), "signed in", *range(8)):
        if stop == "signed in":
            sign_in(page)
            expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
            page.keyboard.press("Tab")
            # The first stop leads past the list of places.
            expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
            expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
        tag, style, width, color = page.evaluate(FOCUSED)
        assert (style, width, color) == ("solid", "3px", "rgb(15, 107, 87)"), (stop, tag)
        page.keyboard.press("Tab")


def test_every_icon_is_drawn_from_the_one_file(page: Page, place: Place) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    with page.expect_response(lambda response: "/static/icons.svg" in response.url) as drawn:
        page.goto(f"{place.issuer}/account")
        sign_in(page)
    assert drawn.value.status == 200
    expect(page.locator("svg.icon").first).to_be_visible()
    boxes = page.evaluate("[...document.querySelectorAll('svg.icon:not(.way-up *)')].map(each => each.getBBox().width)")
    assert len(boxes) > 20
    assert all(boxes)
    assert complaints == []
