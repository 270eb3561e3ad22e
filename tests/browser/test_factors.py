"""Second factors in a real Chromium: passkeys of its virtual authenticator, and pages that are accessible."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect
from pyotp import TOTP

from authserver.store import addresses, users
from tests.accounts.conftest import MakeSite
from tests.accounts.site import PASSWORD
from tests.browser.context import new_context
from tests.browser.portal import Place, opened
from tests.browser.test_pages import check, press, sign_in


@contextmanager
def with_ada(make_site: MakeSite, more: str = "", **changed: Any) -> Iterator[Place]:
    """A server where the address of Ada is proven."""
    with opened(make_site, more, **changed) as place:
        with place.site.app.server.database.write() as connection:
            ada = users.by_login(connection, "ada")
            assert ada is not None
            addresses.put(connection, ada.sub, ada.email, 0, is_verified=True)
        yield place


@pytest.fixture
def place(make_site: MakeSite) -> Iterator[Place]:
    with with_ada(make_site) as place:
        yield place


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with new_context(chromium) as context:
        yield context.new_page()


class Device:
    """The authenticator of a browser, whose person is there only when they are told to be."""

    def __init__(self, page: Page) -> None:
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._session.send("WebAuthn.enable", {"enableUI": False})
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": False,
        }
        self._id = self._session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def is_used(self, is_used: bool = True) -> None:
        """Have the person touch it from now on, or not."""
        self._send("setAutomaticPresenceSimulation", enabled=is_used)

    def fails(self) -> None:
        """Have it recognize the person no more."""
        self._send("setUserVerified", isUserVerified=False)

    def _send(self, what: str, **values: object) -> None:
        self._session.send(f"WebAuthn.{what}", {"authenticatorId": self._id, **values})


def add_passkey(page: Page, place: Place, device: Device) -> None:
    page.goto(f"{place.issuer}/account/factors")
    sign_in(page)
    page.get_by_role("link", name="Add a passkey").click()
    device.is_used()
    press(page, "Add a passkey")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    device.is_used(False)


def test_a_passkey_is_made_and_signs_in_by_the_button_and_by_the_list(page: Page, place: Place) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    device = Device(page)
    add_passkey(page, place, device)
    page.context.clear_cookies()
    device.is_used()
    # The browser offers it by itself, among the names for the first field.
    page.goto(f"{place.issuer}/sign-in?to=account")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
    # A browser that offers nothing by itself: else its offer could be taken before the button is pressed.
    page.add_init_script("PublicKeyCredential.isConditionalMediationAvailable = async () => false")
    page.context.clear_cookies()
    page.goto(place.authorize_url())
    press(page, "Sign in with a passkey")
    expect(page.get_by_role("heading", level=1)).to_have_text("Allow Team portal?")
    assert complaints == []


def test_it_is_the_second_factor_and_another_way_is_there_if_it_fails(page: Page, place: Place) -> None:
    device = Device(page)
    add_passkey(page, place, device)
    codes = page.locator(".codes code").all_inner_texts()
    page.context.clear_cookies()
    page.goto(f"{place.issuer}/sign-in?to=account")
    sign_in(page)
    check(page, "Confirm with a second factor")
    device.is_used()
    press(page, "Use a passkey")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")

    page.context.clear_cookies()
    device.fails()
    device.is_used(False)
    page.goto(f"{place.issuer}/sign-in?to=account")
    sign_in(page)
    device.is_used()
    press(page, "Use a passkey")
    expect(page.get_by_role("alert")).to_contain_text("That didn’t work")
    page.get_by_role("link", name="Use a recovery code instead").click()
    check(page, "Confirm with a second factor")
    page.get_by_label("Recovery code").fill(codes[0])
    press(page, "Confirm")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")


def test_without_script_the_page_says_so_and_an_app_does(chromium: Browser, place: Place) -> None:
    with new_context(chromium, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{place.issuer}/account/factors")
        expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
        sign_in(page)
        page.goto(f"{place.issuer}/account/factors/passkey")
        expect(page.get_by_text("Passkeys need JavaScript")).to_be_visible()
        page.get_by_role("link", name="Add an authenticator app").click()
        secret = page.locator(".key code").inner_text().replace(" ", "")
        now = place.site.app.server.now()
        page.get_by_label("Code", exact=True).fill(TOTP(secret).generate_otp(now // 30))
        press(page, "Add")
        expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")


@pytest.mark.slow
def test_every_page_is_accessible_and_fits(page: Page, place: Place) -> None:
    device = Device(page)
    page.goto(f"{place.issuer}/account/factors")
    check(page, "Sign in")
    sign_in(page)
    check(page, "Two-factor authentication")
    for path, heading in (
        ("passkey", "Add a passkey"),
        ("offer", "Sign in faster next time"),
        ("app", "Add an authenticator app"),
    ):
        page.goto(f"{place.issuer}/account/factors/{path}")
        check(page, heading)
    page.goto(f"{place.issuer}/account/factors/passkey")
    device.is_used()
    press(page, "Add a passkey")
    check(page, "Your recovery codes")
    page.goto(f"{place.issuer}/account/factors")
    check(page, "Two-factor authentication")


def test_a_factor_that_is_required_is_set_up_by_keyboard_without_script(chromium: Browser, make_site: MakeSite) -> None:
    required = "second_factor: {required_from: 2020-01-01}\n"
    with with_ada(make_site, required) as place, new_context(chromium, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{place.issuer}/account")
        page.get_by_label("Username or email").fill("ada")
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Set up a second factor")
        expect(page.get_by_text("Passkeys need JavaScript")).to_be_visible()
        page.get_by_role("link", name="Add an authenticator app").focus()
        page.keyboard.press("Enter")
        secret = page.locator(".key code").inner_text().replace(" ", "")
        page.get_by_label("Code", exact=True).fill(TOTP(secret).generate_otp(int(place.site.app.server.now()) // 30))
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
        page.get_by_role("link", name="I’ve kept them").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Your account")


@pytest.mark.slow
def test_the_pages_of_a_factor_that_is_required_and_of_codes_by_mail_are_accessible(
    page: Page, make_site: MakeSite
) -> None:
    device = Device(page)
    with with_ada(make_site, "second_factor: {required_from: 2020-01-01}\n", signin_by_mail=True) as place:
        page.goto(f"{place.issuer}/sign-in/mail?to=account")
        check(page, "Sign in by email")
        page.get_by_label("Username or email").fill("ada")
        press(page, "Send the code")
        check(page, "Check your email")
        page.goto(f"{place.issuer}/account")
        sign_in(page)
        check(page, "Set up a second factor")
        page.get_by_role("link", name="Add an authenticator app").click()
        check(page, "Set up a second factor")
        page.get_by_role("link", name="Add a passkey instead").click()
        device.is_used()
        press(page, "Add a passkey")
        check(page, "Your recovery codes")


@pytest.mark.slow
def test_the_page_of_a_level_that_takes_a_new_factor_is_accessible(page: Page, make_site: MakeSite) -> None:
    levels = "acr: {silver: {any: [passkey, [pwd, otp]]}, gold: {phishing_resistant: true}}\n"
    with with_ada(make_site, levels) as place:
        page.goto(place.authorize_url(claims='{"id_token": {"acr": {"essential": true, "values": ["silver"]}}}'))
        sign_in(page)
        # By an app or by a passkey.
        check(page, "You need another factor")
        expect(page.get_by_role("link", name="Add an authenticator app")).to_be_visible()
        page.goto(place.authorize_url(claims='{"id_token": {"acr": {"essential": true, "values": ["gold"]}}}'))
        check(page, "You need another factor")
        expect(page.get_by_role("link", name="Add an authenticator app")).to_have_count(0)
        device = Device(page)
        page.get_by_role("link", name="Add a passkey").click()
        device.is_used()
        press(page, "Add a passkey")
        check(page, "Your recovery codes")
        page.get_by_role("link", name="I’ve kept them").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Allow Team portal?")


@pytest.mark.slow
def test_the_pages_that_tell_of_a_factor_that_will_be_required_are_accessible(page: Page, make_site: MakeSite) -> None:
    with with_ada(make_site, "second_factor: {required_from: 2099-01-01}\n") as place:
        page.goto(f"{place.issuer}/account")
        sign_in(page)
        check(page, "You’ll need a second factor")
        press(page, "Later")
        check(page, "Your account")
        page.goto(f"{place.issuer}/account/factors")
        check(page, "Two-factor authentication")


def test_recovery_codes_are_printed_without_what_surrounds_them(page: Page, place: Place) -> None:
    add_passkey(page, place, Device(page))
    page.emulate_media(media="print")
    expect(page.locator(".codes code").first).to_be_visible()
    assert page.locator(".codes code").count() == 10
    expect(page.get_by_role("navigation")).to_be_hidden()
