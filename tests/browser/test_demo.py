"""The whole triangle, as a newcomer sees it after `make run`: sign in, be allowed and refused by role, sign out."""

import re
import sqlite3
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pyotp import TOTP

from tests.browser.context import new_context
from tests.browser.test_pages import check
from tests.examples.demonstration import Demonstration
from tests.ports import free_ports

pytestmark = pytest.mark.slow
READY = "Ctrl-C stops everything."
BUTTONS = ("Read reports", "Write report", "Delete report", "List users", "Add user", "Delete user")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    demo = Demonstration(tmp_path_factory.mktemp("demo") / "data", free_ports(5))
    demo.wait_for(READY)
    yield demo
    demo.stop()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with new_context(chromium) as context:
        yield context.new_page()


def start_sign_in(page: Page, demo: Demonstration, username: str) -> None:
    page.goto(demo.portal)
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("Username or email").fill(username)
    page.get_by_label("Password", exact=True).fill(demo.passwords[username])
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_in(page: Page, demo: Demonstration, username: str) -> None:
    start_sign_in(page, demo, username)
    allow, done = page.get_by_role("button", name="Allow"), page.get_by_role("heading", name="Signed in as")
    expect(allow.or_(done)).to_be_visible()
    if allow.is_visible():
        allow.click()
    expect(done).to_be_visible()


def test_a_newcomer_comes_through_the_example_provider_and_out_again(page: Page, demo: Demonstration) -> None:
    page.goto(demo.portal)
    page.get_by_role("link", name="Sign in").click()
    page.get_by_role("button", name="Continue with Example").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("alert")).to_contain_text("You didn’t finish signing in at Example.")
    check(page, "Sign in")
    page.get_by_role("button", name="Continue with Example").click()
    page.get_by_role("button", name="Ellen Example").click()
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_role("heading", name="Signed in as Ellen Example")).to_be_visible()
    # Her group there is a role here.
    assert answer(page, "Add user") == "201"
    page.goto(f"{demo.server}/account")
    page.get_by_role("link", name="Linked sign-ins", exact=True).click()
    expect(page.get_by_role("heading", name="Example", exact=True)).to_be_visible()
    check(page, "Linked sign-ins")


def answer(page: Page, button: str) -> str:
    page.get_by_role("button", name=button).click()
    allow, done = page.get_by_role("button", name="Allow"), page.locator("#answer h3", has_text=button)
    expect(allow.or_(done)).to_be_visible()
    if allow.is_visible():
        # The portal asks for one more scope when it first needs it, and for that alone.
        assert button.startswith("Delete")
        expect(page.locator(".asked > h3 + ul").first).to_have_text(re.compile("Delete (reports|people)"))
        allow.click()
        needed = page.get_by_role("heading", name="You need another factor")
        expect(needed.or_(done)).to_be_visible()
        if needed.is_visible():
            assert button == "Delete user"
            set_up_an_app(page)
    expect(done).to_be_visible()
    return page.locator("#answer .status").inner_text()[:3]


def set_up_an_app(page: Page) -> None:
    page.get_by_role("link", name="Add an authenticator app").click()
    secret = page.locator(".key code").inner_text().replace(" ", "")
    # The code of the next half minute is right for a minute at the least.
    page.get_by_label("Code", exact=True).fill(TOTP(secret).generate_otp(int(time.time()) // 30 + 1))
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("link", name="I’ve kept them").click()


@pytest.mark.parametrize(
    ("username", "statuses"),
    [
        ("guest", ["200", "403", "403", "403", "403", "403"]),
        ("user", ["200", "201", "403", "200", "403", "403"]),
        ("moderator", ["200", "201", "403", "200", "201", "403"]),
        ("admin", ["200", "201", "200", "200", "201", "200"]),
    ],
)
def test_the_resource_server_says_yes_or_no_by_role(
    page: Page, demo: Demonstration, username: str, statuses: list[str]
) -> None:
    sign_in(page, demo, username)
    assert [answer(page, button) for button in BUTTONS] == statuses


def test_the_portal_shows_who_signed_in_and_refreshes_and_signs_out(page: Page, demo: Demonstration) -> None:
    sign_in(page, demo, "moderator")
    expect(page.get_by_role("heading", name="Signed in as Mo Moderator")).to_be_visible()
    expect(page.get_by_text("moderator@example.com")).to_be_visible()
    tokens = page.locator(".tokens")
    expect(tokens.get_by_text("at+jwt")).to_be_visible()
    before = tokens.get_by_role("row", name="jti").first.inner_text()
    page.get_by_role("button", name="Refresh now").click()
    expect(page.get_by_role("status").first).to_contain_text("Refreshed.")
    assert tokens.get_by_role("row", name="jti").first.inner_text() != before

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("status")).to_contain_text("You are signed out")
    # The session at the authorization server is over as well: it asks for the password again.
    page.get_by_role("link", name="Sign in").click()
    expect(page.get_by_label("Password", exact=True)).to_be_visible()


def test_no_token_reaches_the_browser(page: Page, demo: Demonstration) -> None:
    sign_in(page, demo, "user")
    stored = "".join(cookie.get("value", "") for cookie in page.context.cookies())
    assert "eyJhbGciOiJSUzI1NiIs" not in stored + page.content()
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_saying_no_leads_back_to_the_portal_with_a_word(page: Page, demo: Demonstration) -> None:
    with sqlite3.connect(demo.folder / "authserver.db") as database:
        database.execute("DELETE FROM consents")
    database.close()
    start_sign_in(page, demo, "guest")
    page.get_by_role("button", name="Deny").click()
    expect(page.get_by_role("status")).to_contain_text("not signed in")
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()


@pytest.mark.parametrize("query", ["", "?code=x&state=y", "?code=x&state=y&iss=https://evil.example", "?error=oops"])
def test_an_answer_that_nobody_asked_for_is_an_error_page(page: Page, demo: Demonstration, query: str) -> None:
    response = page.goto(f"{demo.portal}/callback{query}")
    assert response is not None
    assert response.status == 400
    expect(page.get_by_role("alert")).to_contain_text("did not succeed")
