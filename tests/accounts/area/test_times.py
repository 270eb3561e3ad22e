"""Times on pages: how long ago, and exactly, in the zone of the person or else in UTC, which a script then improves."""

from sqlalchemy import update

from authserver.store.tables import users
from tests.accounts.site import Browser, Site

PAGES = ("/", "/account", "/account/sessions")
SCRIPT = "local-times.js"


def live_in(site: Site, zone: str | None) -> None:
    with site.app.server.database.write() as connection:
        connection.execute(update(users).values(zoneinfo=zone))


def test_times_are_in_the_zone_of_the_person_and_relative(site: Site, browser: Browser) -> None:
    live_in(site, "Europe/Berlin")
    browser.sign_in("ada")
    site.clock.now += 180
    for path in PAGES:
        page = browser.get(path).text
        assert "3 minutes ago" in page, path
        assert '<time datetime="2027-01-15T08:00:00+00:00">' in page
        assert '<span class="exactly">(January 15, 2027, 09:00 UTC+1)</span>' in page
        assert SCRIPT not in page
    german = browser.get("/account", headers={"Accept-Language": "de"}).text
    assert 'vor 3 Minuten <span class="exactly">(15. Januar 2027, 09:00 MEZ)</span>' in german


def test_without_a_zone_times_are_in_utc_and_say_so(site: Site, browser: Browser) -> None:
    browser.sign_in("ada")
    for path in PAGES:
        page = browser.get(path).text
        assert 'just now <span class="exactly" data-local>(January 15, 2027, 08:00 UTC)</span>' in page, path
        assert SCRIPT in page


def test_a_zone_that_the_server_does_not_know_is_none(site: Site, browser: Browser) -> None:
    live_in(site, "Mars/Olympus")
    browser.sign_in("ada")
    assert "(January 15, 2027, 08:00 UTC)" in browser.get("/account").text


def test_what_is_to_come_is_told_as_such(site: Site, browser: Browser) -> None:
    browser.sign_in("ada")
    assert "in 12 hours" in browser.get("/").text


def test_who_is_not_signed_in_needs_no_script(site: Site) -> None:
    assert SCRIPT not in site.browser().get("/").text
