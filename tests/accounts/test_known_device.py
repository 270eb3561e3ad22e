"""A browser that somebody has signed in with before is let through while strangers are slowed; a new one is told."""

import pytest

from tests.accounts.conftest import MakeSite
from tests.accounts.post import letter, letters
from tests.accounts.site import PASSWORD, Browser, Site

DEVICE = "authserver_device"
NEW = "Another horse 99?"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def site(make_site: MakeSite) -> Site:
    """A server with Ada in it, where only failures in a row are counted."""
    site = make_site(signin_limit_account="1000 per minute", signin_limit_address="1000 per minute")
    site.add("ada", "ada@example.com")
    return site


def guess(site: Site, times: int = 6) -> None:
    stranger = site.browser()
    for _ in range(times):
        stranger.sign_in("ada", "wrong")


def test_strangers_who_guess_do_not_keep_a_known_browser_out(site: Site, browser: Browser) -> None:
    browser.sign_in("ada")
    browser.delete_cookie("authserver_session")
    guess(site)
    assert site.browser().sign_in("ada").status_code == 429
    assert browser.sign_in("ada").status_code == 303
    assert site.browser().sign_in("ada").status_code == 429


def test_a_known_browser_that_guesses_is_slowed_by_a_count_of_its_own(site: Site, browser: Browser) -> None:
    browser.sign_in("ada")
    assert [browser.sign_in("ada", "wrong").status_code for _ in range(6)] == [400] * 5 + [429]
    assert browser.sign_in("ada", PASSWORD).status_code == 429
    assert site.browser().sign_in("ada").status_code == 303


def test_what_is_known_to_one_person_is_nothing_to_another(site: Site, browser: Browser) -> None:
    site.add("bob")
    browser.sign_in("bob")
    guess(site)
    assert browser.sign_in("ada").status_code == 429


def test_a_planted_device_is_neither_known_nor_adopted(site: Site, browser: Browser) -> None:
    browser.set_cookie(DEVICE, "planted")
    guess(site)
    assert browser.sign_in("ada").status_code == 429
    site.clock.now += 900
    browser.sign_in("ada")
    cookie = browser.get_cookie(DEVICE)
    assert cookie is not None
    assert cookie.value != "planted"
    assert (cookie.http_only, cookie.same_site, cookie.path, cookie.max_age) == (True, "Lax", "/", 180 * 86400)


def test_a_new_browser_is_told_by_mail_and_a_known_one_is_not(site: Site) -> None:
    browser = site.browser()
    browser.visit("/sign-in")
    fields = {"csrf_token": browser.csrf, "username": "ada", "password": PASSWORD}
    browser.post("/sign-in", data=fields, headers={"User-Agent": FIREFOX})
    mail = letter(site, "new_device")
    assert mail.to == "ada@example.com"
    assert "Firefox on Linux" in mail.text
    browser.visit("/sign-in?another=1")
    browser.sign_in("ada")
    assert len(letters(site)) == 1
    site.browser().sign_in("ada")
    assert len(letters(site)) == 2


@pytest.mark.parametrize("how", ["reset", "changed elsewhere"])
def test_a_new_password_ends_what_was_known(site: Site, browser: Browser, how: str) -> None:
    browser.sign_in("ada")
    other = site.browser()
    if how == "reset":
        other.visit("/forgot")
        other.submit(username="ada")
        other.visit(letter(site, "reset").link)
        other.submit(password=NEW)
    else:
        other.sign_in("ada")
        other.visit("/account/password")
        other.submit(current_password=PASSWORD, password=NEW)
    assert letters(site)[-1].kind == "password_changed"
    guess(site)
    assert browser.sign_in("ada", NEW).status_code == 429
    site.clock.now += 900
    assert browser.sign_in("ada", NEW).status_code == 303
    assert letter(site, "new_device").to == "ada@example.com"


def test_the_browser_in_which_a_password_was_changed_stays_known(site: Site, browser: Browser) -> None:
    browser.sign_in("ada")
    browser.visit("/account/password")
    browser.submit(current_password=PASSWORD, password=NEW)
    browser.delete_cookie("authserver_session")
    guess(site)
    assert browser.sign_in("ada", NEW).status_code == 303
    assert letters(site)[-1].kind == "password_changed"


def test_a_browser_is_known_for_half_a_year_after_its_last_sign_in(site: Site, browser: Browser) -> None:
    browser.sign_in("ada")
    site.clock.now += 180 * 86400
    browser.visit("/sign-in")
    browser.sign_in("ada")
    assert [each.kind for each in letters(site)] == ["new_device"] * 2
