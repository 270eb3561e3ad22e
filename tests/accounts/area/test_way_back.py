"""From every page of an account there is a way back to the application that a person came from."""

import pytest

from tests.accounts.conftest import MakeSite
from tests.accounts.site import CLIENTS, ISSUER, Browser, Site

BEGINS = "https://portal.example.com/start"
HOME = "https://portal.example.com/"
PAGES = ("", *("/profile", "/email", "/password", "/factors", "/linked", "/sessions", "/applications", "/activity"))
BACK = f'<a href="{BEGINS}?iss=http%3A%2F%2Flocalhost%3A8080">'


def with_portal(make_site: MakeSite, *lines: str) -> tuple[Site, Browser]:
    """A server whose client has these lines more, and Ada's browser."""
    more = "".join(f"\n    {line}" for line in lines)
    site = make_site(CLIENTS.replace("type: spa", f"type: spa{more}"))
    site.add("ada", "ada@example.com", "Ada")
    return site, site.browser()


def arrive(browser: Browser) -> None:
    """Sign in on behalf of the application, as far as its redirect URI."""
    browser.authorize()
    answer = browser.sign_in("ada")
    assert browser.get(answer.headers["Location"].removeprefix(ISSUER)).headers["Location"].startswith(HOME)


def test_every_page_leads_back_to_where_the_application_begins(make_site: MakeSite) -> None:
    _, browser = with_portal(make_site, f"initiate_login_uri: {BEGINS}", f"client_uri: {HOME}")
    arrive(browser)
    for page in PAGES:
        text = browser.visit(f"/account{page}").text
        assert BACK in text, page
        assert "Back to Team" in text, page
    assert "Back to Team" in browser.visit("/").text


def test_without_such_a_page_it_is_the_home_page(make_site: MakeSite) -> None:
    _, browser = with_portal(make_site, f"client_uri: {HOME}")
    arrive(browser)
    assert f'<a href="{HOME}">' in browser.visit("/account").text


def test_where_nobody_said_how_it_is_reached_there_is_none(make_site: MakeSite) -> None:
    _, browser = with_portal(make_site)
    arrive(browser)
    assert "Back to" not in browser.visit("/account").text


@pytest.mark.parametrize("page", ["/account", "/"])
def test_who_came_from_nowhere_is_led_nowhere(make_site: MakeSite, page: str) -> None:
    _, browser = with_portal(make_site, f"initiate_login_uri: {BEGINS}")
    browser.sign_in("ada")
    text = browser.visit(page).text
    assert "Back to" not in text
    assert "Continue to" not in text


def test_what_still_waits_goes_on(make_site: MakeSite) -> None:
    _, browser = with_portal(make_site, f"initiate_login_uri: {BEGINS}")
    browser.sign_in("ada")
    browser.authorize(prompt="login")
    text = browser.visit("/account").text
    assert f'<a href="{ISSUER}/authorize/' in text
    assert "Continue to Team" in text


def test_whose_access_was_taken_back_is_named_no_more(make_site: MakeSite) -> None:
    _, browser = with_portal(make_site, f"initiate_login_uri: {BEGINS}")
    arrive(browser)
    browser.visit("/account/applications")
    browser.submit(client_id="portal")
    assert "Back to" not in browser.visit("/account").text
