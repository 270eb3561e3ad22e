"""The sign-in page, with and without a request that waits for it."""

import re
from io import BytesIO
from typing import Any

import pytest

from authserver.store import users
from tests.accounts.conftest import MakeSite
from tests.accounts.site import COOKIE, ISSUER, PASSWORD, Browser, Site


def test_the_right_password_signs_in_and_leads_home(browser: Browser) -> None:
    response = browser.sign_in("ada")
    assert (response.status_code, response.headers["Location"]) == (303, f"{ISSUER}/")
    assert "You’re signed in" in browser.visit("/").text


@pytest.mark.parametrize("login", ["ADA", " ada ", "Ada@Example.com", "ａｄａ"])
def test_a_login_is_known_in_any_spelling_and_by_email(browser: Browser, login: str) -> None:
    assert browser.sign_in(login).status_code == 303


def test_a_request_goes_on_where_it_waited(browser: Browser) -> None:
    page = browser.authorize()
    assert "to continue to <strong>Team &lt;b&gt;portal&lt;/b&gt;</strong>" in page.text
    onward = browser.sign_in("ada").headers["Location"]
    assert onward.startswith(f"{ISSUER}/authorize/")
    answer = browser.get(onward.removeprefix(ISSUER)).headers["Location"]
    assert answer.startswith("https://portal.example.com/callback?code=")
    assert "state=xyz" in answer


def test_only_a_page_that_a_client_sent_people_to_lets_its_form_end_outside(browser: Browser) -> None:
    policy = browser.authorize().headers["Content-Security-Policy"]
    assert policy.endswith("form-action 'self' https:")
    assert browser.visit("/sign-in").headers["Content-Security-Policy"].endswith("form-action 'self'")


def test_whoever_cannot_sign_in_gets_one_and_the_same_answer(site: Site) -> None:
    disabled = site.add("disabled")
    with site.app.server.database.write() as connection:
        users.disable(connection, disabled.sub, 0)
        users.add(connection, username="passwordless", now=0)
    answers = []
    for login, password in (("ada", "wrong"), ("nobody", PASSWORD), ("disabled", PASSWORD), ("passwordless", "")):
        browser = site.browser()
        browser.visit("/sign-in")
        response = browser.sign_in(login, password or PASSWORD)
        assert browser.session_cookie() is None
        text = response.text.replace(login, "LOGIN")
        headers = [each for each in response.headers if each[0] not in {"Content-Length", "X-Request-Id"}]
        # What is random on each page.
        text = re.sub(r'name="csrf_token" value="[^"]+"|data-options="[^"]+"', "", text)
        answers.append((response.status, headers, text))
    assert "Wrong username or password." in answers[0][2]
    assert answers[0][0] == "400 BAD REQUEST"
    assert answers[1:] == answers[:1] * 3


def test_the_page_keeps_the_name_and_never_the_password(browser: Browser) -> None:
    response = browser.sign_in('"><script>alert(1)</script>', "do-not-show-this")
    assert "&#34;&gt;&lt;script&gt;" in response.text
    assert "<script>" not in response.text
    assert "do-not-show-this" not in response.text


@pytest.mark.parametrize("fields", [{"username": ""}, {"username": "ada", "password": ""}, {"username": " "}, {}])
def test_an_incomplete_form_is_said_to_be_so(browser: Browser, fields: dict[str, str]) -> None:
    browser.visit("/sign-in")
    response = browser.submit(**fields)
    assert response.status_code == 400
    assert "Enter your username or email address, and your password." in response.text


@pytest.mark.parametrize(
    "body",
    [
        {"json": {"username": "ada", "password": PASSWORD}},
        {"json": {"username": 1, "password": [PASSWORD]}},
        {"json": ["username", "password"]},
        {"json": "ada"},
        {"data": {"username": (BytesIO(b"ada"), "name.txt"), "password": PASSWORD}},
        {"data": {"username": "ada", "password": (BytesIO(PASSWORD.encode()), "password.txt")}},
    ],
)
def test_a_name_and_a_password_are_fields_of_a_form_and_nothing_else(browser: Browser, body: dict[str, Any]) -> None:
    browser.visit("/sign-in")
    response = browser.post("/sign-in", headers={"X-CSRFToken": browser.csrf}, **body)
    assert response.status_code == 415
    assert browser.session_cookie() is None


@pytest.mark.parametrize("junk", ["\0", "\ud800", "a\0da", "x" * 10_000, "\u202e", "'; --", "é" * 500])
def test_junk_is_nobody_s_name_and_nobody_s_password(browser: Browser, junk: str) -> None:
    browser.visit("/sign-in")
    body = {"csrf_token": browser.csrf, "username": junk, "password": junk}
    encoded = {name: value.encode("utf-8", "surrogatepass") for name, value in body.items()}
    assert browser.post("/sign-in", data=encoded).status_code == 400
    assert browser.post("/sign-in", data=encoded | {"username": "ada"}).status_code == 400


def test_a_form_without_its_token_signs_nobody_in(browser: Browser) -> None:
    browser.visit("/sign-in")
    assert browser.post("/sign-in", data={"username": "ada", "password": PASSWORD}).status_code == 400
    assert browser.session_cookie() is None


def test_each_sign_in_has_a_new_cookie_and_the_one_before_is_dead(browser: Browser) -> None:
    browser.sign_in("ada")
    first = browser.session_cookie()
    browser.sign_in("ada")
    assert browser.session_cookie() != first
    browser.set_cookie(COOKIE, str(first))
    assert "not signed in right now" in browser.visit("/").text


def test_a_planted_cookie_is_not_adopted(browser: Browser) -> None:
    browser.set_cookie(COOKIE, "planted")
    browser.sign_in("ada")
    assert browser.session_cookie() != "planted"


def test_the_cookie_lasts_until_the_browser_closes_or_with_remember_me_thirty_days(browser: Browser) -> None:
    browser.sign_in("ada")
    cookie = browser.get_cookie(COOKIE)
    assert cookie is not None
    assert (cookie.max_age, cookie.http_only, cookie.same_site, cookie.path) == (None, True, "Lax", "/")
    assert not cookie.secure
    browser.sign_in("ada", remember="y")
    cookie = browser.get_cookie(COOKIE)
    assert cookie is not None
    assert cookie.max_age == 30 * 86400


def test_a_session_ends_idle_after_an_hour_and_with_remember_me_after_a_week(site: Site) -> None:
    short, long = site.browser(), site.browser()
    short.sign_in("ada")
    long.sign_in("ada", remember="y")
    site.clock.now += 3599
    assert "You’re signed in" in short.visit("/").text
    site.clock.now += 3600
    assert "not signed in right now" in short.visit("/").text
    site.clock.now += 6 * 86400
    assert "You’re signed in" in long.visit("/").text
    site.clock.now += 7 * 86400
    assert "not signed in right now" in long.visit("/").text


def test_over_https_the_cookie_is_bound_to_the_host(make_site: MakeSite) -> None:
    from authserver.master_key import new_key

    site = make_site(issuer="https://id.example.com", master_key=new_key())
    site.add("ada")
    browser = site.browser()
    browser.visit("/sign-in")
    cookies = browser.sign_in("ada").headers.getlist("Set-Cookie")
    (cookie,) = [each for each in cookies if "authserver_session" in each]
    assert cookie.startswith("__Host-authserver_session=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_a_person_who_is_asked_again_is_told_so_and_keeps_the_session(site: Site, browser: Browser) -> None:
    browser.sign_in("ada", remember="y")
    site.clock.now += 100
    page = browser.authorize(prompt="login")
    assert "<h1>Confirm it’s you</h1>" in page.text
    assert 'value="ada"' in page.text
    assert "checked" in page.text
    assert browser.sign_in("ada").status_code == 303


def test_somebody_else_may_answer_and_then_the_session_is_theirs(site: Site, browser: Browser) -> None:
    site.add("bob", name="Bob")
    browser.sign_in("ada")
    browser.authorize(prompt="login")
    onward = browser.sign_in("bob").headers["Location"]
    assert "code=" in browser.get(onward.removeprefix(ISSUER)).headers["Location"]
    assert "Bob" in browser.visit("/").text


def test_a_login_hint_fills_the_name_in_as_text(browser: Browser) -> None:
    page = browser.authorize(login_hint='ada"><b>')
    assert 'value="ada&#34;&gt;&lt;b&gt;"' in page.text


def test_a_signed_in_person_who_opens_the_page_is_led_on(browser: Browser) -> None:
    browser.sign_in("ada")
    assert browser.get("/sign-in").headers["Location"] == f"{ISSUER}/"


@pytest.mark.parametrize("handle", ["", "unknown", "x" * 5000, "\0", "../x", "é", "<script>"])
def test_a_handle_that_is_not_of_this_browser_says_how_to_start_again(browser: Browser, handle: str) -> None:
    response = browser.get("/sign-in", query_string={"request": handle})
    assert response.status_code == 400
    assert "sign in there again" in response.text
    assert 'href="http://localhost:8080/">Go to the start page' in response.text
    assert "<script>" not in response.text


def test_a_handle_of_another_browser_is_refused(site: Site, browser: Browser) -> None:
    browser.authorize()
    other = site.browser()
    other.visit("/sign-in")
    other.action = browser.action
    assert other.sign_in("ada").status_code == 400
    assert other.session_cookie() is None


def test_a_handle_ends_after_half_an_hour(site: Site, browser: Browser) -> None:
    browser.authorize()
    site.clock.now += 1800
    assert "This sign-in has expired" in browser.sign_in("ada").text


def test_a_password_that_was_changed_while_it_was_checked_opens_nothing(
    site: Site, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    from authserver.signin.password import Passwords

    def verify(_passwords: Passwords, _stored: str, _password: str) -> bool:
        with site.app.server.database.write() as connection:
            ada = users.by_login(connection, "ada")
            assert ada is not None
            users.set_password(connection, ada.sub, "another", 0)
        return True

    monkeypatch.setattr(Passwords, "verify", verify)
    monkeypatch.setattr(Passwords, "is_outdated", lambda *_: False)
    assert browser.sign_in("ada").status_code == 400
    assert browser.session_cookie() is None


def test_a_hash_of_older_parameters_is_replaced_at_sign_in(make_site: MakeSite) -> None:
    make_site().add("ada")
    site = make_site(password_hash_time=2)
    assert site.browser().sign_in("ada").status_code == 303
    with site.app.server.database.read() as connection:
        ada = users.by_login(connection, "ada")
    assert ada is not None
    assert ",t=2," in str(ada.password_hash)
    assert site.browser().sign_in("ada").status_code == 303
