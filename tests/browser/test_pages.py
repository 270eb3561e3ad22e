"""The pages in a real Chromium: accessible, fitting every screen, and working by keyboard and without JavaScript."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from tests.accounts.site import PASSWORD
from tests.browser.context import new_context
from tests.browser.portal import Place

NARROW = ViewportSize(width=320, height=640)
PHONE = ViewportSize(width=390, height=844)
DESKTOP = ViewportSize(width=1280, height=800)
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_THE_SCREEN = ["color-contrast", "target-size", "scrollable-region-focusable", "region"]


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    with new_context(chromium) as context:
        yield context


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def sign_in(page: Page, password: str = PASSWORD) -> None:
    page.get_by_label("Username or email").fill("ada")
    page.get_by_label("Password").fill(password)
    page.locator("button.primary").click()


def check(page: Page, heading: str) -> None:
    """The page that was expected, free of faults that a machine can see, on three screens, light and dark."""
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    page.evaluate(AXE_SCRIPT)
    # What does not depend on the screen is looked at on the smaller one.
    of_the_screen = {"type": "rule", "values": OF_THE_SCREEN}
    for screen, rules in ((NARROW, WCAG), (PHONE, of_the_screen), (DESKTOP, of_the_screen)):
        page.set_viewport_size(screen)
        what = f"{heading}, {screen['width']} pixels wide"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{what}: does not fit"
        page.emulate_media(color_scheme="light")
        _audit(page, what, rules)
        page.emulate_media(color_scheme="dark")
        _audit(page, f"{what}, in dark", {"type": "rule", "values": ["color-contrast"]})


def _audit(page: Page, what: str, rules: Any) -> None:
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    results = AxeResults(page.evaluate("options => axe.run(options)", options))
    assert results.violations_count == 0, f"{what}: {results.generate_report()}"


def test_every_page_is_accessible_and_fits(page: Page, place: Place) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))

    page.goto(f"{place.issuer}/")
    check(page, "Sign-in service")
    page.goto(place.authorize_url())
    check(page, "Sign in")
    sign_in(page)
    check(page, "Allow Team portal?")
    page.goto(place.authorize_url(prompt="login"))
    check(page, "Confirm it’s you")
    page.goto(place.authorize_url(prompt="select_account"))
    check(page, "Choose an account")
    page.goto(f"{place.issuer}/")
    check(page, "You’re signed in")
    assert complaints == []

    page.goto(place.authorize_url("backstage"))
    check(page, "No access to Backstage")
    page.goto(place.authorize_url("nobody"))
    check(page, "This link doesn’t work")
    page.goto(f"{place.issuer}/nowhere")
    check(page, "Page not found")
    page.goto(place.authorize_url(prompt="login"))
    sign_in(page, "wrong")
    check(page, "Confirm it’s you")
    page.goto(f"{place.issuer}/end_session?client_id=portal")
    check(page, "Sign out?")
    press(page, "Stay signed in")
    check(page, "You’re still signed in")
    page.goto(f"{place.issuer}/end_session?client_id=portal")
    press(page, "Sign out")
    check(page, "You’re signed out")
    # The refusals above are told to the console by their status, and nothing else is.
    assert all("Failed to load resource" in complaint for complaint in complaints)


def test_the_form_works_by_keyboard_alone(page: Page, place: Place) -> None:
    page.goto(place.authorize_url())
    expect(page.get_by_label("Username or email")).to_be_focused()
    page.keyboard.type("ada")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Show password")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Keep me signed in on this device")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Allow Team portal?")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Allow")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Arrived")).to_be_visible()
    assert place.portal.arrived[0]["state"] == ["xyz"]


def test_a_wrong_password_is_announced_and_tied_to_the_fields(page: Page, place: Place) -> None:
    page.goto(place.authorize_url())
    sign_in(page, "wrong")
    expect(page.get_by_role("alert")).to_contain_text("Wrong username or password.")
    expect(page.get_by_label("Username or email")).to_have_value("ada")
    for label in ("Username or email", "Password"):
        expect(page.get_by_label(label)).to_have_accessible_description(page.get_by_role("alert").inner_text())
    expect(page.get_by_label("Password")).to_be_focused()
    assert page.title().startswith("Error: ")


@pytest.mark.parametrize(
    ("mode", "scripts"),
    [
        pytest.param("query", True, marks=pytest.mark.slow),
        pytest.param("query", False, marks=pytest.mark.slow),
        ("form_post", True),
        ("form_post", False),
    ],
)
def test_the_answer_arrives_at_the_client(chromium: Browser, place: Place, mode: str, scripts: bool) -> None:
    with new_context(chromium, java_script_enabled=scripts) as context:
        page = context.new_page()
        page.goto(place.authorize_url(response_mode=mode))
        sign_in(page)
        press(page, "Allow")
        if mode == "form_post" and not scripts:
            expect(page.get_by_role("heading", level=1)).to_have_text("Continue to Team portal")
            press(page, "Continue")
        expect(page.get_by_role("heading", name="Arrived")).to_be_visible()
        (arrived,) = place.portal.arrived
        assert arrived.keys() == {"code", "state", "iss"}
        assert arrived["iss"] == [place.issuer]


@pytest.mark.slow
@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_the_answer_goes_to_a_program_on_either_loopback_address(page: Page, place: Place, host: str) -> None:
    uri = f"http://{host}:{place.portal.server_port}/callback"
    page.goto(place.authorize_url("terminal", redirect_uri=uri))
    sign_in(page)
    with page.expect_request(lambda request: request.url.startswith(f"{uri}?code=")):
        press(page, "Allow")


@pytest.mark.slow
def test_a_client_may_lead_on_to_another_origin(page: Page, place: Place) -> None:
    page.goto(place.authorize_url(redirect_uri=f"{place.portal.origin}/onward"))
    sign_in(page)
    press(page, "Allow")
    expect(page.get_by_role("heading", name="Arrived")).to_be_visible()
    # Signed in and allowed already: the password's form leads there, too.
    page.goto(place.authorize_url(redirect_uri=f"{place.portal.origin}/onward", prompt="login"))
    sign_in(page)
    expect(page.get_by_role("heading", name="Arrived")).to_be_visible()
    assert len(place.portal.arrived) == 2


@pytest.mark.slow
def test_deny_is_final_for_the_back_button_too(page: Page, place: Place) -> None:
    page.goto(place.authorize_url())
    sign_in(page)
    press(page, "Deny")
    expect(page.get_by_role("heading", name="Arrived")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Arrived")).to_be_visible()
    assert [arrived["error"] for arrived in place.portal.arrived] == [["access_denied"]] * 2


@pytest.mark.slow
def test_a_double_click_on_allow_arrives_with_a_code(page: Page, place: Place) -> None:
    page.goto(place.authorize_url())
    sign_in(page)
    page.get_by_role("button", name="Allow").dblclick()
    expect(page.get_by_role("heading", name="Arrived")).to_be_visible()
    assert all("code" in arrived for arrived in place.portal.arrived)


@pytest.mark.slow
def test_ten_tabs_at_once_all_arrive(context: BrowserContext, place: Place) -> None:
    tabs = [context.new_page() for _ in range(10)]
    for number, tab in enumerate(tabs):
        tab.goto(place.authorize_url(state=f"tab-{number}", prompt="login consent"))
    for tab in tabs:
        tab.bring_to_front()
        # One address may try five times a minute for one account: the clock of limits is the machine's own.
        place.site.app.server.limiter.reset()
        sign_in(tab)
        press(tab, "Allow")
        expect(tab.get_by_role("heading", name="Arrived")).to_be_visible()
    assert [arrived["state"] for arrived in place.portal.arrived] == [[f"tab-{number}"] for number in range(10)]


@pytest.mark.slow
def test_signing_out_at_home_asks_for_the_password_again(page: Page, place: Place) -> None:
    page.goto(f"{place.issuer}/sign-in")
    sign_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("You’re signed in")
    press(page, "Sign out")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign-in service")
    page.goto(place.authorize_url())
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
