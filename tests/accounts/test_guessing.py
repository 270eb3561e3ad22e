"""Guessing passwords is slowed down, for an account and for an address, and for the right password too."""

import pytest

from authserver.protocol.person.login_name import login_key
from authserver.store.tables import events
from tests.accounts.conftest import MakeSite
from tests.accounts.site import PASSWORD, Browser, Site

GENEROUS = {"signin_limit_account": "1000 per minute", "signin_limit_address": "1000 per minute"}


def from_address(site: Site, address: str) -> Browser:
    browser = site.browser()
    browser.environ_base = {"REMOTE_ADDR": address}
    return browser


def statuses(browser: Browser, login: str, password: str, times: int) -> list[int]:
    return [browser.sign_in(login, password).status_code for _ in range(times)]


def test_after_five_attempts_a_minute_even_the_right_password_must_wait(site: Site, browser: Browser) -> None:
    assert statuses(browser, "ada", "wrong", 5) == [400] * 5
    refused = browser.sign_in("ada", PASSWORD)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert "There were too many attempts. Try again in" in refused.text
    assert 'value="ada"' in refused.text
    assert browser.session_cookie() is None
    assert site.browser().sign_in("ada").status_code == 429


def test_another_account_at_the_same_address_is_not_in_the_way(site: Site, browser: Browser) -> None:
    site.add("bob")
    statuses(browser, "ada", "wrong", 6)
    assert browser.sign_in("bob").status_code == 303


def test_every_spelling_of_a_login_is_counted_as_one_account(browser: Browser) -> None:
    spellings = ["ada", "ADA", " ada ", "ada@example.com", "ａｄａ"]
    assert [browser.sign_in(spelling, "wrong").status_code for spelling in spellings] == [400] * 5
    assert {login_key(spelling) for spelling in spellings} == {"ada", "ada@example.com"}
    assert browser.sign_in("Ada@Example.com").status_code == 429


def test_an_unknown_account_is_slowed_down_like_a_known_one(browser: Browser) -> None:
    assert statuses(browser, "nobody", "wrong", 6) == [400] * 5 + [429]


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "CF-Connecting-IP"])
def test_a_forged_address_resets_no_limit(browser: Browser, header: str) -> None:
    statuses(browser, "ada", "wrong", 5)
    browser.visit("/sign-in")
    fields = {"csrf_token": browser.csrf, "username": "ada", "password": PASSWORD}
    assert browser.post("/sign-in", data=fields, headers={header: "203.0.113.9"}).status_code == 429


def test_one_address_cannot_try_one_password_on_many_accounts(browser: Browser) -> None:
    assert [browser.sign_in(f"person{number}", "Spring 2027!").status_code for number in range(30)] == [400] * 30
    assert browser.sign_in("ada").status_code == 429


def test_the_addresses_of_one_ipv6_network_are_one(site: Site) -> None:
    for number in range(5):
        assert from_address(site, f"2001:db8:1:2::{number}").sign_in("ada", "wrong").status_code == 400
    assert from_address(site, "2001:db8:1:2:ffff::1").sign_in("ada").status_code == 429
    site.clock.now += 10
    assert from_address(site, "2001:db8:1:3::1").sign_in("ada").status_code == 303


def test_from_many_addresses_the_wait_for_an_account_doubles_and_ends(make_site: MakeSite) -> None:
    site = make_site(**GENEROUS)
    site.add("ada")
    browser = site.browser()
    assert statuses(browser, "ada", "wrong", 5) == [400] * 5
    for wait in (10, 20, 40, 80, 160, 320, 640, 900, 900):
        refused = browser.sign_in("ada", PASSWORD)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, str(wait))
        site.clock.now += wait
        assert browser.sign_in("ada", "wrong").status_code == 400
    site.clock.now += 900
    assert browser.sign_in("ada").status_code == 303
    assert statuses(browser, "ada", "wrong", 5) == [400] * 5


def test_a_flood_of_sign_ins_is_told_to_come_back(
    site: Site, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    from authserver.signin.password import Passwords, PasswordsBusyError

    def verify(*_: object) -> bool:
        raise PasswordsBusyError

    browser.visit("/sign-in")
    monkeypatch.setattr(Passwords, "verify", verify)
    response = browser.sign_in("ada")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "2")
    assert "Many people are signing in" in response.text


def test_attempts_are_told_to_the_audit_without_what_was_typed(site: Site, browser: Browser) -> None:
    statuses(browser, "ada", "do-not-log-this", 6)
    browser.sign_in("do-not-log-this", "x")
    site.app.server.recorder.flush()
    with site.app.server.database.read() as connection:
        rows = connection.execute(events.select()).all()
    names = [row.name for row in rows]
    assert names.count("user:login:failed") == 6
    assert names.count("user:login:throttled") == 1
    assert "do-not-log-this" not in str(rows)
