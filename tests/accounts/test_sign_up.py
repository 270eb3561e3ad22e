"""Signing up: an address is proven before there is an account, and nothing tells who has one."""

import json
import re

import pytest
from werkzeug.test import TestResponse

from authserver.store import users
from authserver.store.users import User
from tests.accounts.conftest import MakeSite
from tests.accounts.post import letter, letters
from tests.accounts.site import CLIENTS, ISSUER, PASSWORD, Browser, Site

EVE = {"email": "eve@example.com", "name": "Eve", "password": PASSWORD}


@pytest.fixture
def site(make_site: MakeSite) -> Site:
    """A server that anybody may sign up to, with Ada in it."""
    site = make_site(CLIENTS + "default_role: user\n", signup="open")
    site.add("ada", "ada@example.com", "Ada")
    return site


def sign_up(browser: Browser, **fields: str) -> TestResponse:
    """Fill the form in and open the page for the code."""
    browser.visit("/sign-up")
    sent = browser.submit(**EVE | fields)
    return browser.visit(sent.headers["Location"]) if sent.status_code == 303 else sent


def find(site: Site, login: str) -> User | None:
    with site.app.server.database.read() as connection:
        return users.by_login(connection, login)


def test_the_code_makes_the_account_and_signs_in(site: Site, browser: Browser) -> None:
    page = sign_up(browser)
    assert "We sent an email to <strong>eve@example.com</strong>" in page.text
    assert find(site, "eve@example.com") is None
    mail = letter(site, "verify")
    assert mail.to == "eve@example.com"
    assert browser.submit(code=mail.code).headers["Location"] == f"{ISSUER}/"
    eve = find(site, "eve@example.com")
    assert eve is not None
    assert (eve.username, eve.name, eve.email_verified, eve.roles) == ("eve", "Eve", True, ("user",))
    assert "You’re signed in" in browser.visit("/").text
    assert [each.kind for each in letters(site)] == ["verify"]
    assert site.browser().sign_in("eve").status_code == 303


def test_the_link_does_the_same_and_opening_it_does_nothing(site: Site, browser: Browser) -> None:
    sign_up(browser)
    link = letter(site, "verify").link
    for _ in range(3):
        assert "Confirm your address" in browser.visit(link).text
        assert browser.head(link).status_code == 405
    assert find(site, "eve") is None
    assert browser.submit().status_code == 303
    assert find(site, "eve") is not None
    assert "no longer works" in browser.visit(link).text


def test_in_another_browser_the_link_asks_for_the_password_that_was_chosen(site: Site, browser: Browser) -> None:
    sign_up(browser)
    other = site.browser()
    assert "The password you chose" in other.visit(letter(site, "verify").link).text
    assert other.submit().status_code == 400
    assert other.submit(password="wrong").status_code == 400
    assert find(site, "eve") is None
    assert other.submit(password=PASSWORD).status_code == 303
    assert find(site, "eve") is not None


def test_the_password_for_a_link_cannot_be_guessed_at(site: Site, browser: Browser) -> None:
    sign_up(browser)
    other = site.browser()
    other.visit(letter(site, "verify").link)
    answers = [other.submit(password="wrong").text for _ in range(5)]
    assert all("not the password that was chosen" in answer for answer in answers)
    assert "There were too many attempts" in other.submit(password=PASSWORD).text


def test_a_code_is_tried_five_times_and_then_not_even_the_right_one_counts(site: Site, browser: Browser) -> None:
    sign_up(browser)
    code = letter(site, "verify").code
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    assert ["That code is wrong" in browser.submit(code=wrong).text for _ in range(5)] == [True] * 5
    assert "That code is wrong" in browser.submit(code=code).text
    assert find(site, "eve") is None
    assert browser.submit(resend="y").status_code == 303


def test_a_code_is_worth_nothing_in_another_browser(site: Site, browser: Browser) -> None:
    sign_up(browser)
    other = site.browser()
    other.visit("/sign-up")
    stolen = other.post(browser.action, data={"csrf_token": other.csrf, "code": letter(site, "verify").code})
    assert "no longer works" in stolen.text


def test_sent_again_the_first_code_and_link_are_void(site: Site, browser: Browser) -> None:
    sign_up(browser)
    first = letter(site, "verify")
    browser.visit(browser.submit(resend="y").headers["Location"])
    second = letter(site, "verify")
    assert second.link != first.link
    assert "no longer works" in browser.get(first.link).text
    assert browser.submit(code=second.code).status_code == 303


def without_secrets(response: TestResponse) -> tuple[str, str]:
    text = re.sub(r'(name="csrf_token" value|page)="?=?[^"&]+', r"\1", response.text)
    return response.status, re.sub(r"(?i)(ada|eve)@example.com", "ADDRESS", text)


def test_an_address_that_has_an_account_gets_the_same_pages_and_its_owner_a_warning(site: Site) -> None:
    pages = []
    for address in ("eve@example.com", "Ada@Example.com"):
        browser = site.browser()
        asked = sign_up(browser, email=address, name="")
        # Not the one that was mailed to the first of them.
        mailed = letters(site)[0].code
        wrong = browser.submit(code="000000" if mailed != "000000" else "111111")
        again = browser.visit(browser.submit(resend="y").headers["Location"])
        pages.append([without_secrets(each) for each in (asked, wrong, again)])
    assert pages[0] == pages[1]
    assert [(each.kind, each.to) for each in letters(site)] == [
        *[("verify", "eve@example.com")] * 2,
        *[("address_taken", "ada@example.com")] * 2,
    ]
    assert "verify?" not in letters(site)[-1].text


@pytest.mark.parametrize("spelling", ["ada@example.com", "ADA@EXAMPLE.COM", " Ada@example.com "])
def test_no_spelling_of_an_address_takes_an_account_over(site: Site, browser: Browser, spelling: str) -> None:
    before = find(site, "ada")
    sign_up(browser, email=spelling, password="Another horse 99?")
    assert letters(site)[-1].kind == "address_taken"
    assert find(site, "ada") == before


def test_a_username_that_is_taken_is_given_with_a_number(site: Site, browser: Browser) -> None:
    sign_up(browser, email="ada@other.example")
    browser.submit(code=letter(site, "verify").code)
    other = find(site, "ada@other.example")
    assert other is not None
    assert re.fullmatch(r"ada-\d+", other.username)


def test_of_two_sign_ups_with_one_address_the_first_to_prove_it_gets_the_account(site: Site) -> None:
    first, second = site.browser(), site.browser()
    sign_up(first)
    code = letter(site, "verify").code
    sign_up(second, name="Mallory")
    late = letter(site, "verify").code
    assert first.submit(code=code).status_code == 303
    assert "already has an account" in second.submit(code=late).text
    eve = find(site, "eve@example.com")
    assert eve is not None
    assert eve.name == "Eve"


def test_fields_that_the_form_does_not_have_grant_nothing(site: Site, browser: Browser) -> None:
    extra = {"roles": "admin", "role": "admin", "email_verified": "y", "username": "root", "sub": "x", "sid": "x"}
    sign_up(browser, **extra)
    browser.submit(code=letter(site, "verify").code, **extra)
    eve = find(site, "eve@example.com")
    assert eve is not None
    assert (eve.username, eve.roles) == ("eve", ("user",))


def test_every_fault_of_a_password_is_named_at_once(site: Site, browser: Browser) -> None:
    answer = sign_up(browser, password="short")
    assert answer.status_code == 400
    assert (
        "Still needed: at least 12 characters, an uppercase letter, a digit, "
        "a special character (such as ! or a space), and something that is harder to guess." in answer.text
    )
    assert letters(site) == []
    assert 'value="eve@example.com"' in answer.text
    assert "short" not in re.sub(r'data-shortest|too_short|value="[^"]*"', "", answer.text)


@pytest.mark.parametrize("email", ["", "eve", "eve@", "a b@example.com", "x\0@example.com", "e@x.com\r\nBcc: y@z.com"])
def test_what_is_no_address_gets_no_mail(site: Site, browser: Browser, email: str) -> None:
    assert sign_up(browser, email=email).status_code == 400
    assert letters(site) == []


def test_a_link_and_a_code_end_after_a_day(site: Site, browser: Browser) -> None:
    sign_up(browser)
    mail = letter(site, "verify")
    site.clock.now += 86400
    assert "no longer works" in browser.submit(code=mail.code).text
    assert "no longer works" in browser.visit(mail.link).text


def test_sign_up_is_off_unless_it_is_switched_on(make_site: MakeSite) -> None:
    browser = make_site().browser()
    browser.visit("/sign-in")
    assert "Create an account" not in browser.visit("/sign-in").text
    assert browser.get("/sign-up").status_code == 404
    assert browser.post("/sign-up", data=EVE | {"csrf_token": browser.csrf}).status_code == 404


def test_by_invitation_the_page_says_so_and_takes_nothing(make_site: MakeSite) -> None:
    site = make_site(signup="invitation")
    browser = site.browser()
    browser.visit("/sign-in")
    assert "By invitation only" in browser.get("/sign-up").text
    browser.post("/sign-up", data=EVE | {"csrf_token": browser.csrf})
    assert letters(site) == []


def test_only_addresses_of_the_named_domains_may_sign_up(make_site: MakeSite) -> None:
    site = make_site(signup="domain", signup_domains="Example.com,example.org")
    for email, status in (("a@example.com", 200), ("a@sub.example.com", 400), ("a@example.com.evil.com", 400)):
        assert sign_up(site.browser(), email=email).status_code == status
    assert "Use an address at one of these domains" in sign_up(site.browser(), email="a@evil.com").text
    assert [each.to for each in letters(site)] == ["a@example.com"]


def test_prompt_create_opens_the_page_and_the_client_gets_its_code_at_the_end(site: Site, browser: Browser) -> None:
    asked = browser.authorize(prompt="create", login_hint="eve@example.com")
    assert asked.headers["Location"].startswith(f"{ISSUER}/sign-up?request=")
    page = browser.visit(asked.headers["Location"])
    assert 'value="eve@example.com"' in page.text
    assert "to continue to <strong>Team" in page.text
    browser.visit(browser.submit(**EVE).headers["Location"])
    onward = browser.submit(code=letter(site, "verify").code).headers["Location"]
    assert "?code=" in browser.get(onward.removeprefix(ISSUER)).headers["Location"]


def test_prompt_create_asks_somebody_who_is_signed_in_too_and_signing_in_answers_it(browser: Browser) -> None:
    browser.sign_in("ada")
    page = browser.visit(browser.authorize(prompt="create").headers["Location"])
    link = re.search(r'href="(/sign-in\?request=[^"]+)"', page.text)
    assert link
    browser.visit(link[1])
    onward = browser.sign_in("ada").headers["Location"]
    assert "?code=" in browser.get(onward.removeprefix(ISSUER)).headers["Location"]


def test_prompt_create_is_advertised_and_taken_only_where_people_may_sign_up(site: Site, make_site: MakeSite) -> None:
    closed = make_site()
    for where, expected in ((site, True), (closed, False)):
        document = json.loads(where.browser().get("/.well-known/openid-configuration").text)
        assert ("create" in document["prompt_values_supported"]) is expected
    assert "error=invalid_request" in closed.browser().authorize(prompt="create").headers["Location"]
    assert "error=invalid_request" in site.browser().authorize(prompt="create none").headers["Location"]
