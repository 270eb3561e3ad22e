"""What a person came for outlives a forgotten password, a sign-up and an invitation, in the browser that began it."""

import re

import pytest

from authserver.store import links
from tests.accounts.conftest import MakeSite
from tests.accounts.post import letter
from tests.accounts.site import CLIENTS, ISSUER, NOW, PASSWORD, Browser, Site

NEW = "Another horse 99?"
PORTAL = "https://portal.example.com/callback?code="


@pytest.fixture
def site(make_site: MakeSite) -> Site:
    """A server that anybody may sign up to, with Ada in it."""
    site = make_site(CLIENTS + "default_role: user\n", signup="open")
    site.add("ada", "ada@example.com", "Ada")
    return site


def handle_of(url: str) -> str:
    found = re.search(r"request=([\w-]+)", url)
    assert found, url
    return found[1]


def forget(site: Site, browser: Browser) -> str:
    """Ask for a new password where the portal asked for a sign-in; returns the link of the mail."""
    page = browser.authorize()
    browser.visit(f"/forgot?request={handle_of(page.text)}")
    browser.submit(username="ada")
    return letter(site, "reset").link


def goes_on_to_the_portal(browser: Browser, location: str) -> bool:
    return browser.get(location.removeprefix(ISSUER)).headers["Location"].startswith(PORTAL)


def test_a_reset_leads_back_to_the_application(site: Site, browser: Browser) -> None:
    browser.visit(forget(site, browser))
    done = browser.visit(browser.submit(password=NEW).headers["Location"])
    assert "Sign in to Team &lt;b&gt;portal&lt;/b&gt;" in done.text
    browser.visit(f"/sign-in?request={handle_of(done.text)}")
    signed_in = browser.sign_in("ada", NEW)
    assert goes_on_to_the_portal(browser, signed_in.headers["Location"])


def test_in_another_browser_a_reset_leads_nowhere_and_says_where_to_go(site: Site, browser: Browser) -> None:
    link, other = forget(site, browser), site.browser()
    other.visit(link)
    done = other.visit(other.submit(password=NEW).headers["Location"])
    assert "request=" not in done.text
    assert "Go back to it and sign in there." in done.text


def test_an_answered_request_is_not_gone_on_with(site: Site, browser: Browser) -> None:
    browser.authorize()
    signed_in = browser.sign_in("ada").headers["Location"]
    assert "Continue to" in browser.get("/").text
    assert goes_on_to_the_portal(browser, signed_in)
    assert "Continue to" not in browser.get("/").text


def test_a_request_that_has_expired_is_not_gone_on_with(site: Site, browser: Browser) -> None:
    browser.authorize()
    assert "Sign in to" in browser.get("/").text
    site.clock.now += site.app.server.settings.request_lifetime + 1
    assert "Sign in to" not in browser.get("/").text


def test_signing_out_ends_what_waits(site: Site, browser: Browser) -> None:
    browser.authorize()
    browser.action = ""
    browser.sign_in("ada")
    page = browser.visit("/")
    assert "Continue to" in page.text
    browser.submit()
    assert "Sign in to" not in browser.get("/").text


def test_an_invitation_goes_on_to_the_application(site: Site, browser: Browser) -> None:
    with site.app.server.database.write() as connection:
        token = links.make(connection, "invite", "grace@example.com", NOW, 3600)
    browser.authorize()
    assert "Next, you’ll go on to Team" in browser.visit(f"/invite?token={token}").text
    accepted = browser.submit(password=NEW)
    assert goes_on_to_the_portal(browser, accepted.headers["Location"])


def test_a_confirmed_address_goes_on_to_the_application_although_the_link_names_none(
    site: Site, browser: Browser
) -> None:
    browser.visit("/sign-up")
    code_page = browser.submit(email="eve@example.com", name="Eve", password=PASSWORD).headers["Location"]
    browser.authorize()
    browser.visit(code_page)
    confirmed = browser.submit(code=letter(site, "verify").code)
    assert goes_on_to_the_portal(browser, confirmed.headers["Location"])


def test_another_browser_gets_nothing_of_what_waits(site: Site, browser: Browser) -> None:
    browser.authorize()
    assert "portal" not in site.browser().get("/").text
