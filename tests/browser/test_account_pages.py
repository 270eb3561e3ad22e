"""What people do for themselves, in a real Chromium: accessible, fitting every screen, with and without JavaScript."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.accounts.conftest import MakeSite
from tests.accounts.post import letters
from tests.accounts.site import PASSWORD
from tests.browser.context import new_context
from tests.browser.portal import Place, opened
from tests.browser.test_pages import check, press

NEW = "Another horse 99?"
AREA = {
    "": "Your account",
    "/profile": "Profile",
    "/email": "Email address",
    "/password": "Password",
    "/sessions": "Sessions",
    "/applications": "Applications",
    "/activity": "Activity",
    "/export": "Download your data",
    "/delete": "Delete your account",
}


@pytest.fixture
def place(make_site: MakeSite) -> Iterator[Place]:
    def make(*given: Any, **changed: Any) -> Any:
        return make_site(*given, **changed, signup="open")

    with opened(make) as place:
        yield place


@contextmanager
def looking(chromium: Browser, **options: Any) -> Iterator[Page]:
    with new_context(chromium, **options) as context:
        yield context.new_page()


def mailed(place: Place, kind: str) -> str:
    """The link of the last mail of this kind."""
    mail = [each for each in letters(place.site) if each.kind == kind][-1]
    found = re.search(rf"{place.issuer}/\S+token=\S+", mail.text)
    assert found
    return found[0]


def sign_in(page: Page, password: str = PASSWORD) -> None:
    page.get_by_label("Username or email").fill("ada")
    page.get_by_label("Password").fill(password)
    page.locator("button.primary").click()


@pytest.mark.slow
def test_every_page_is_accessible_and_fits(chromium: Browser, place: Place) -> None:
    with looking(chromium) as page:
        page.goto(f"{place.issuer}/forgot")
        check(page, "Forgot your password?")
        page.get_by_label("Username or email").fill("ada")
        press(page, "Send the link")
        check(page, "Check your email")
        page.goto(mailed(place, "reset"))
        check(page, "Set a new password")
        page.get_by_label("New password").fill("Ada")
        press(page, "Set password")
        check(page, "Set a new password")
        page.goto(f"{place.issuer}/reset?done=1")
        check(page, "Your password has been set")
        page.goto(f"{place.issuer}/sign-up")
        check(page, "Create an account")
        page.get_by_label("Email address").fill("eve@example.com")
        page.get_by_label("Password").fill("short")
        check(page, "Create an account")
        press(page, "Create account")
        check(page, "Create an account")
        page.get_by_label("Password").fill(PASSWORD)
        press(page, "Create account")
        check(page, "Check your email")
        page.get_by_label("Code").fill("no code")
        press(page, "Confirm")
        check(page, "Check your email")
        with looking(chromium) as elsewhere:
            elsewhere.goto(mailed(place, "verify"))
            check(elsewhere, "Confirm your address")
        page.goto(place.authorize_url())
        sign_in(page)
        press(page, "Allow")
        for path, heading in AREA.items():
            page.goto(f"{place.issuer}/account{path}")
            check(page, heading)
        page.goto(f"{place.issuer}/account/profile")
        for closed in ("About you", "Phone", "Address"):
            page.locator("summary").get_by_text(closed, exact=True).click()
        check(page, "Profile")
        page.get_by_label("Works remotely").select_option("Yes")
        page.get_by_label("Street and number").fill("1 Main St\nFlat 2")
        page.get_by_label("Time zone").select_option(label="Berlin")
        page.get_by_label("Language", exact=True).select_option("fr")
        page.get_by_label("Date of birth").fill("yesterday")
        press(page, "Save")
        check(page, "Profile")
        expect(page.get_by_label("Date of birth")).to_have_accessible_description(re.compile("1990-12-31"))
        expect(page.get_by_label("Time zone")).to_have_value("Europe/Berlin")
        expect(page.get_by_label("Language", exact=True)).to_have_value("fr")
        expect(page.get_by_label("Works remotely")).to_have_value("true")


def test_one_line_says_what_is_missing_while_a_password_is_typed(chromium: Browser, place: Place) -> None:
    with looking(chromium) as page:
        page.goto(f"{place.issuer}/sign-up")
        line = page.locator("#password-rules")
        expect(line).to_have_text(
            "Needed: at least 12 characters, an uppercase letter, a lowercase letter, a digit, "
            "and a special character (such as ! or a space)."
        )
        page.get_by_label("Email address").fill("eve@example.com")
        page.get_by_label("Password").press_sequentially("Correct")
        expect(line).to_have_text(
            "Still needed: at least 12 characters, a digit, and a special character (such as ! or a space)."
        )
        page.get_by_label("Password").press_sequentially(" horse 1!")
        expect(line).to_have_text("Good. Nothing is missing.")
        page.get_by_label("Password").fill("Correct Eve 1!!")
        expect(line).to_have_text("Still needed: more than your name, your email address, or the name of this service.")


def test_a_password_is_shown_on_request_and_sent_hidden(chromium: Browser, place: Place) -> None:
    with looking(chromium) as page:
        page.goto(f"{place.issuer}/sign-in")
        page.get_by_label("Username or email").fill("ada")
        page.get_by_label("Password").fill("wrong")
        expect(page.get_by_label("Password")).to_have_attribute("type", "password")
        page.get_by_role("button", name="Show password").press("Enter")
        expect(page.get_by_label("Password")).to_have_attribute("type", "text")
        page.get_by_role("button", name="Hide password").click()
        expect(page.get_by_label("Password")).to_have_attribute("type", "password")
        check(page, "Sign in")


def test_without_script_nothing_offers_to_show_a_password(chromium: Browser, place: Place) -> None:
    with looking(chromium, java_script_enabled=False) as page:
        page.goto(f"{place.issuer}/sign-in")
        expect(page.locator("button.reveal")).to_be_hidden()


@pytest.mark.parametrize(
    "scripts", [pytest.param(True, marks=pytest.mark.slow), False], ids=["with scripts", "without scripts"]
)
def test_a_person_signs_up_forgets_the_password_changes_it_and_leaves(
    chromium: Browser, place: Place, scripts: bool
) -> None:
    with looking(chromium, java_script_enabled=scripts) as page:
        page.goto(place.authorize_url(prompt="create"))
        page.get_by_label("Email address").fill("eve@example.com")
        page.get_by_label("Password").fill(PASSWORD)
        press(page, "Create account")
        page.get_by_label("Code").fill(letters(place.site)[-1].code)
        press(page, "Confirm")
        press(page, "Allow")
        expect(page.get_by_role("heading", name="Arrived")).to_be_visible()

        page.goto(f"{place.issuer}/forgot")
        page.get_by_label("Username or email").fill("eve@example.com")
        press(page, "Send the link")
        page.goto(mailed(place, "reset"))
        page.get_by_label("New password").fill(NEW)
        press(page, "Set password")
        expect(page.get_by_role("heading", level=1)).to_have_text("Your password has been set")

        page.goto(f"{place.issuer}/account/password")
        page.get_by_label("Username or email").fill("eve")
        page.get_by_label("Password").fill(NEW)
        press(page, "Sign in")
        page.get_by_label("Current password").fill(NEW)
        page.get_by_label("New password").fill(PASSWORD)
        press(page, "Change password")
        expect(page.get_by_role("status")).to_contain_text("Your password has been changed.")

        page.get_by_role("link", name="Download data").click()
        with page.expect_download() as download:
            press(page, "Download")
        assert download.value.suggested_filename == "account.json"
        page.get_by_role("link", name="Delete account").click()
        page.get_by_label("Yes, delete my account for good").check()
        press(page, "Delete account")
        expect(page.get_by_role("heading", level=1)).to_have_text("Your account has been deleted")


@pytest.mark.parametrize(("zone", "said"), [("America/New_York", "03:00 EST"), ("Asia/Kolkata", "13:30 UTC+5:30")])
def test_times_are_in_the_zone_of_the_browser_where_the_person_has_none(
    place: Place, chromium: Browser, zone: str, said: str
) -> None:
    with looking(chromium, timezone_id=zone, locale="en-US") as page:
        page.goto(f"{place.issuer}/account")
        sign_in(page)
        expect(page.locator("time .exactly")).to_have_text(f"(January 15, 2027 at {said})")
        check(page, "Your account")


def test_times_are_in_utc_where_there_is_no_script(place: Place, chromium: Browser) -> None:
    with looking(chromium, timezone_id="Asia/Kolkata", java_script_enabled=False) as page:
        page.goto(f"{place.issuer}/account")
        sign_in(page)
        expect(page.locator("time .exactly")).to_have_text("(January 15, 2027, 08:00 UTC)")
