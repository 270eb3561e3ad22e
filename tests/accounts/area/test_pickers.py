"""Language and time zone are chosen from lists, which lose no value that stands in a profile already."""

from tests.accounts.area.steps import find
from tests.accounts.site import Browser, Site
from tests.flows.page import read


def chosen(html: str, name: str) -> list[str | None]:
    """The values that a picker offers; the chosen one is first."""
    part = html.partition(f'<select id="{name}"')[2].partition("</select>")[0]
    options = [element for tag, element in read(part).elements if tag == "option"]
    return [each["value"] for each in sorted(options, key=lambda each: "selected" not in each)]


def test_languages_and_zones_are_offered_in_the_language_of_the_page(site: Site, browser: Browser) -> None:
    english = browser.visit("/account/profile").text
    assert {"en", "de", "fr", "uk"} <= set(chosen(english, "locale"))
    zones = chosen(english, "zoneinfo")
    assert {"UTC", "Europe/Vienna", "America/Argentina/Ushuaia", "Pacific/Auckland"} <= set(zones)
    assert not {"posixrules", "Etc/GMT+1", "US/Pacific"} & set(zones)
    german = browser.get("/account/profile?ui_locales=de").text
    assert ">Wien</option>" in german
    assert '<optgroup label="Europa">' in german
    assert ">Französisch</option>" in german


def test_what_is_chosen_is_kept(site: Site, browser: Browser) -> None:
    browser.visit("/account/profile")
    browser.submit(name="Ada", locale="fr", zoneinfo="Europe/Vienna")
    person = find(site)
    assert person is not None
    assert (person.profile["locale"], person.profile["zoneinfo"]) == ("fr", "Europe/Vienna")
    page = browser.visit("/account/profile?ui_locales=en").text
    assert (chosen(page, "locale")[0], chosen(page, "zoneinfo")[0]) == ("fr", "Europe/Vienna")


def test_a_value_that_no_list_has_is_offered_as_it_is(site: Site, browser: Browser) -> None:
    browser.visit("/account/profile")
    browser.submit(name="Ada", locale="de-AT", zoneinfo="Etc/GMT+1")
    page = browser.visit("/account/profile?ui_locales=en").text
    assert (chosen(page, "locale")[0], chosen(page, "zoneinfo")[0]) == ("de-AT", "Etc/GMT+1")
    assert ">German (Austria)</option>" in page


def test_a_tag_that_names_no_language_breaks_nothing(site: Site, browser: Browser) -> None:
    for tag in ("xx-Zzzz-QQ", "abcdefgh", "de-1996", "x-private"):
        browser.visit("/account/profile")
        browser.submit(name="Ada", locale=tag)
        page = browser.visit("/account/profile?ui_locales=en")
        assert page.status_code == 200
