"""The language of a page: what the client asks for, then what the person chose, then what the browser says."""

import pytest

from authserver.languages import choose
from authserver.protocol.person.claims import NO_PROFILE
from authserver.store import profiles
from tests.accounts.conftest import MakeSite
from tests.accounts.site import NOW, Browser, Site

GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        ([], "en"),
        (["de"], "de"),
        (["DE_at"], "de"),
        (["de-CH-1996"], "de"),
        (["fr", "de", "en"], "de"),
        (["en-GB", "de"], "en"),
        ([None, "", "xx", "-", "de-"], "de"),
        (["../../etc/passwd"], "en"),
        (["d"], "en"),
    ],
)
def test_the_first_language_that_there_is_is_chosen(wanted: list[str | None], chosen: str) -> None:
    assert choose(wanted, "en") == chosen


def says(page: str) -> str:
    """The language that a page names."""
    return page.partition('<html lang="')[2].partition('"')[0]


def test_a_page_is_in_the_language_of_the_browser_and_names_it(browser: Browser) -> None:
    german = browser.get("/sign-in", headers=GERMAN).text
    assert says(german) == "de"
    assert "Anmelden" in german
    assert says(browser.get("/sign-in").text) == "en"
    assert says(browser.get("/sign-in", headers={"Accept-Language": "fr, *;q=0.1"}).text) == "en"


def test_a_fault_is_in_the_language_of_its_page(browser: Browser) -> None:
    browser.visit("/sign-in")
    page = browser.post(
        "/sign-in", data={"csrf_token": browser.csrf, "username": "ada", "password": "x"}, headers=GERMAN
    ).text
    assert "Benutzername oder Passwort ist falsch." in page
    assert "Fehler:" in page


def test_an_error_page_is_in_the_language_of_the_browser(browser: Browser) -> None:
    page = browser.get("/nothing", headers=GERMAN).text
    assert says(page) == "de"
    assert "Seite nicht gefunden" in page
    refused = browser.get("/authorize?client_id=nobody", headers=GERMAN).text
    assert "Hier ist kein Client mit dieser client_id" in refused


def test_what_the_client_asks_for_goes_before_the_browser_on_every_page_of_its_request(browser: Browser) -> None:
    page = browser.authorize(ui_locales="fr de-CH en")
    assert says(page.text) == "de"
    again = browser.sign_in("ada", "wrong")
    assert says(again.text) == "de"
    assert says(browser.authorize(ui_locales="xx").text) == "en"
    assert says(browser.get("/end_session?ui_locales=de").text) == "de"


def test_what_the_person_chose_goes_before_the_browser(site: Site, browser: Browser) -> None:
    ada = site.add("grace")
    with site.app.server.database.write() as connection:
        profiles.set_profile(connection, ada.sub, NO_PROFILE | {"locale": "de"}, NOW)
    browser.sign_in("grace")
    assert says(browser.get("/account", headers={"Accept-Language": "en"}).text) == "de"
    assert says(browser.get("/account?ui_locales=en").text) == "en"


def test_the_default_is_a_setting(make_site: MakeSite) -> None:
    site = make_site(language="de")
    assert says(site.browser().get("/sign-in").text) == "de"
    assert says(site.browser().get("/sign-in", headers={"Accept-Language": "en-US"}).text) == "en"


@pytest.mark.parametrize("tag", ["de\x00", "de" * 5000, "\u202ede", "de;q=x", "*", "en, de" * 2000])
def test_a_language_that_is_nonsense_harms_nothing(browser: Browser, tag: str) -> None:
    assert browser.get("/sign-in", query_string={"ui_locales": tag}).status_code == 200
    assert browser.authorize(ui_locales=tag).status_code in {200, 303}


def test_times_are_written_in_the_language_of_the_page(site: Site, browser: Browser) -> None:
    browser.sign_in("ada")
    assert "15. Januar 2027, 08:00 UTC" in browser.get("/", headers=GERMAN).text
    assert "January 15, 2027, 08:00 UTC" in browser.get("/").text
