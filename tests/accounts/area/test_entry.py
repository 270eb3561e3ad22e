"""The way into the account area, back out of it, and past those who have no business there."""

import pytest
from sqlalchemy import select

from authserver.store.tables import jobs
from tests.accounts.area.steps import FRESH, NEW, PLACES, allow, find
from tests.accounts.post import letters
from tests.accounts.site import COOKIE, ISSUER, PASSWORD, Browser, Site


@pytest.mark.parametrize("place", ["", *PLACES])
def test_every_page_leads_through_the_sign_in_page_and_back(site: Site, place: str) -> None:
    browser = site.browser()
    path = f"/account/{place}".rstrip("/")
    asked = browser.get(path)
    assert (asked.status_code, asked.headers["Location"]) == (303, f"{ISSUER}/sign-in?to={place or 'account'}")
    browser.visit(asked.headers["Location"])
    assert browser.sign_in("ada").headers["Location"] == ISSUER + path
    page = browser.visit(path)
    assert page.status_code == 200
    assert "<i>" not in page.text


@pytest.mark.parametrize("place", PLACES)
def test_what_matters_asks_again_after_ten_minutes(site: Site, browser: Browser, place: str) -> None:
    site.clock.now += 599
    assert browser.visit(f"/account/{place}").status_code == 200
    site.clock.now += 1
    again = browser.visit(f"/account/{place}")
    if place not in FRESH:
        assert again.status_code == 200
        return
    assert again.headers["Location"] == f"{ISSUER}/sign-in?to={place}"
    assert "Confirm it’s you" in browser.visit(f"/sign-in?to={place}").text
    stale = browser.post(f"/account/{place}", data={"csrf_token": browser.csrf, "sure": "y", "email": "e@x.com"})
    assert stale.headers["Location"] == f"{ISSUER}/sign-in?to={place}"
    assert find(site) is not None
    assert browser.sign_in("ada").headers["Location"] == f"{ISSUER}/account/{place}"


@pytest.mark.parametrize("to", ["https://evil.example", "//evil.example", "/\\evil.example", "x" * 5000, "\0", "home"])
def test_the_way_back_leads_nowhere_else(site: Site, to: str) -> None:
    browser = site.browser()
    browser.get("/sign-in", query_string={"to": to})
    browser.visit("/sign-in")
    answer = browser.post(
        "/sign-in",
        query_string={"to": to},
        data={"csrf_token": browser.csrf, "username": "ada", "password": PASSWORD},
    )
    assert answer.headers["Location"] == f"{ISSUER}/"


def test_after_signing_out_no_page_comes_from_a_cache_or_a_copied_cookie(browser: Browser) -> None:
    for place in ("", *PLACES):
        page = browser.visit(f"/account/{place}".rstrip("/"))
        assert page.headers["Cache-Control"] == "no-store"
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
        assert page.headers["X-Frame-Options"] == "DENY"
    copied = str(browser.session_cookie())
    browser.visit("/")
    browser.submit()
    browser.set_cookie(COOKIE, copied)
    assert browser.get("/account").status_code == 303


@pytest.mark.parametrize(
    "place", ["profile", "picture", "email", "password", "sessions", "applications", "export", "delete"]
)
def test_a_form_of_another_site_changes_nothing(site: Site, browser: Browser, place: str) -> None:
    allow(browser)
    browser.visit(f"/account/{place}")
    waiting = len(letters(site))
    fields = {
        **{"name": "X", "email": "x@example.com", "current_password": PASSWORD, "password": NEW},
        **{"end": "others", "client_id": "portal", "sure": "y"},
    }
    before = find(site)
    path = f"/account/{place}"
    assert browser.post(path, data=fields).status_code == 400
    assert (
        browser.post(path, data=fields | {"csrf_token": site.browser().visit("/sign-in").text[:20]}).status_code == 400
    )
    good = fields | {"csrf_token": browser.csrf}
    for header in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        assert browser.post(path, data=good, headers=header).status_code == 403
    assert browser.get(path, query_string=fields).status_code == 200
    assert find(site) == before
    assert "Withdraw" in browser.visit("/account/applications").text
    with site.app.server.database.read() as connection:
        assert len(connection.execute(select(jobs)).all()) == waiting
