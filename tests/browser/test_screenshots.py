"""The ten main pages, light, dark and on a phone, as docs/screenshots shows them; `make screenshots` draws them."""

import os
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.accounts.conftest import MakeSite
from tests.browser.context import new_context
from tests.browser.portal import Place
from tests.browser.screens import furnished
from tests.browser.test_pages import press, sign_in

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
DESKTOP, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844)
THEMES = {"light": ("light", DESKTOP), "dark": ("dark", DESKTOP), "phone": ("light", PHONE)}
# Where each page is, and its heading.
ACCOUNT = {
    "account": ("/account", "Your account"),
    "profile": ("/account/profile", "Profile"),
    "two-factor": ("/account/factors", "Two-factor authentication"),
    "sessions": ("/account/sessions", "Sessions"),
    "applications": ("/account/applications", "Applications"),
    "admin": ("/admin", "Administration"),
    "admin-people": ("/admin/people", "People"),
    "admin-client": ("/admin/clients/portal", "Team portal"),
}
NAMES = ("sign-in", "consent", *ACCOUNT)
MOST_BYTES = 1_500_000
DRAWS = "SCREENSHOTS" in os.environ
# Ports are others each time; a picture shows what an installation would.
RENAMED = """names => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    for (const [from, to] of names) walker.currentNode.data = walker.currentNode.data.replaceAll(from, to);
  }
}"""


@pytest.fixture
def place(make_site: MakeSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setenv("UPSTREAM", "x" * 32)
    with furnished(make_site, tmp_path) as place:
        yield place


def walk(page: Page, place: Place, show: Callable[[str, str], None]) -> None:
    """Every page in the order in which somebody comes to it."""
    page.goto(place.authorize_url(scope="openid profile email offline_access read:reports", prompt="consent"))
    show("sign-in", "Sign in")
    sign_in(page)
    show("consent", "Allow Team portal?")
    press(page, "Allow")
    for name, (path, heading) in ACCOUNT.items():
        page.goto(f"{place.issuer}{path}")
        show(name, heading)


@pytest.mark.slow
@pytest.mark.parametrize("theme", THEMES)
def test_each_page_is_as_its_picture(chromium: Browser, place: Place, theme: str) -> None:
    scheme, screen = THEMES[theme]
    names = [(place.portal.origin, "https://portal.example.com"), (place.issuer, "https://login.example.com")]
    names += [(url.removeprefix("http://"), name.removeprefix("https://")) for url, name in names]
    with new_context(chromium, viewport=screen, color_scheme=scheme, locale="en-US", timezone_id="UTC") as context:
        page = context.new_page()

        def show(name: str, heading: str) -> None:
            expect(page.get_by_role("heading", level=1)).to_have_text(heading)
            page.evaluate(RENAMED, names)
            page.evaluate("document.activeElement.blur()")
            drawn = Image.open(BytesIO(page.screenshot(animations="disabled")))
            path = FOLDER / f"{name}-{theme}.webp"
            if DRAWS:
                path.parent.mkdir(exist_ok=True)
                drawn.convert("RGB").save(path, "WEBP", quality=80, method=6)
            assert len(drawn.convert("RGB").getcolors(1 << 24) or ()) > 10, f"{name} is empty"
            with Image.open(path) as kept:
                assert (kept.format, kept.size) == ("WEBP", (screen["width"], screen["height"]))

        walk(page, place, show)


def test_there_is_a_picture_of_each_page_and_all_are_small() -> None:
    files = {path.name: path.stat().st_size for path in FOLDER.iterdir()}
    assert files.keys() == {f"{name}-{theme}.webp" for name in NAMES for theme in THEMES}
    assert sum(files.values()) < MOST_BYTES
