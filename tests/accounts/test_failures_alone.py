"""Of all that is tried failures alone count, and a browser that the person is known to use is let through."""

import pytest

from authserver.signin.password import Passwords, PasswordsBusyError
from authserver.store.tables import signin_failures
from tests.accounts.conftest import MakeSite
from tests.accounts.post import letter
from tests.accounts.site import CLIENTS, PASSWORD, Browser, Site
from tests.store.at_once import at_once


def made_up(browser: Browser, times: int) -> list[int]:
    """The answers to made-up names."""
    return [browser.sign_in(f"person{number}", "Spring 2027!").status_code for number in range(times)]


def test_good_sign_ins_are_no_tries_however_many_of_one_account_and_from_one_address(site: Site) -> None:
    assert [site.browser().sign_in("ada").status_code for _ in range(32)] == [303] * 32
    assert site.browser().sign_in("ada", "wrong").status_code == 400
    assert site.browser().sign_in("ada").status_code == 303


def test_good_sign_ins_pay_for_no_failure(site: Site, browser: Browser) -> None:
    for number in range(30):
        assert browser.sign_in(f"person{number}", "Spring 2027!").status_code == 400
        if number % 3 == 0:
            assert site.browser().sign_in("ada").status_code == 303
    assert browser.sign_in("nobody", "Spring 2027!").status_code == 429


def test_a_known_browser_is_let_through_at_an_address_where_too_much_failed(site: Site, browser: Browser) -> None:
    browser.sign_in("ada")
    browser.delete_cookie("authserver_session")
    assert made_up(site.browser(), 31) == [400] * 30 + [429]
    assert site.browser().sign_in("ada").status_code == 429
    for login in ("ada", "ADA", "ada@example.com"):
        browser.visit("/sign-in?another=1")
        assert browser.sign_in(login).status_code == 303


def test_a_browser_that_is_known_to_one_person_tries_nobody_else_at_such_an_address(
    site: Site, browser: Browser
) -> None:
    site.add("bob")
    browser.sign_in("bob")
    made_up(site.browser(), 31)
    browser.visit("/sign-in?another=1")
    assert browser.sign_in("ada").status_code == 429
    assert browser.sign_in("nobody").status_code == 429


def test_a_planted_device_cookie_lets_nobody_through(site: Site, browser: Browser) -> None:
    made_up(site.browser(), 31)
    for cookie in ("planted", "x" * 200, "é"):
        browser.set_cookie("authserver_device", cookie)
        assert browser.sign_in("ada").status_code == 429


def test_what_is_refused_for_one_account_takes_nothing_from_the_others_at_the_address(
    site: Site, browser: Browser
) -> None:
    site.add("bob")
    assert [browser.sign_in("ada", "wrong").status_code for _ in range(40)] == [400] * 5 + [429] * 35
    assert site.browser().sign_in("bob").status_code == 303


def test_a_try_that_nobody_had_time_for_is_no_failure(
    site: Site, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def verify(*_: object) -> bool:
        raise PasswordsBusyError

    with monkeypatch.context() as busy:
        busy.setattr(Passwords, "verify", verify)
        assert [browser.sign_in("ada").status_code for _ in range(35)] == [503] * 35
    with site.app.server.database.read() as connection:
        assert connection.execute(signin_failures.select()).one().failures == 0
    assert [browser.sign_in("ada", "wrong").status_code for _ in range(5)] == [400] * 5


@pytest.mark.parametrize("shared", [False, True])
def test_many_at_once_get_past_no_limit_and_none_of_the_good_ones_is_counted(
    make_site: MakeSite, shared: bool, request: pytest.FixtureRequest
) -> None:
    redis = {"redis_url": request.getfixturevalue("redis_url")} if shared else {}
    site = make_site(password_hash_concurrency=8, signin_limit_address="12 per hour", **redis)
    address = "198.51.100.81" if shared else "198.51.100.80"
    for number in range(4):
        site.add(f"good{number}")
    browsers = [site.browser() for _ in range(24)]
    for browser in browsers:
        browser.environ_base = {"REMOTE_ADDR": address}
        browser.visit("/sign-in")

    def one(number: int) -> int:
        is_good = number % 6 == 0
        name, password = (f"good{number // 6}", PASSWORD) if is_good else (f"bad{number}", "Spring 2027!")
        return browsers[number].sign_in(name, password).status_code

    answers = at_once(one, 24)
    failed = answers.count(400)
    assert failed <= 12
    assert set(answers[::6]) <= {303, 429}
    # What is left of the limit is exactly what did not fail.
    assert [browsers[1].sign_in(f"later{n}", "x").status_code for n in range(13 - failed)] == [400] * (12 - failed) + [
        429
    ]


def test_a_right_code_is_no_try(make_site: MakeSite) -> None:
    site = make_site(CLIENTS, signup="open", signin_limit_address="1 per hour")
    for name in ("eve", "eric"):
        browser = site.browser()
        browser.visit("/sign-up")
        sent = browser.submit(email=f"{name}@example.com", name=name, password=PASSWORD)
        browser.visit(sent.headers["Location"])
        assert browser.submit(code=letter(site, "verify").code).status_code == 303
