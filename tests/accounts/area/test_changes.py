"""What a person changes of their own account: profile, address, password."""

from typing import Any

import pytest

from authserver.protocol.person.claims import NO_PROFILE
from authserver.store import links
from tests.accounts.area.steps import NEW, find, told
from tests.accounts.post import letter, letters
from tests.accounts.site import ISSUER, NOW, PASSWORD, Browser, Site


def test_the_profile_is_saved_and_reaches_nothing_else(site: Site, browser: Browser) -> None:
    before = find(site)
    browser.visit("/account/profile")
    fields = {
        "name": "  Ada\0 King ",
        "given_name": "Ada",
        "family_name": "",
        "locale": "de-AT",
        "zoneinfo": "Europe/Vienna",
    }
    address = {
        "address_street_address": "1 Main St\r\n\r\n  Flat 2 ",
        "address_country": "UK",
        "phone_number": "+44 (0)1632 96-0001",
    }
    extra = {
        "email": "x@example.com",
        "email_verified": "y",
        "username": "root",
        "roles": "admin",
        "sub": "x",
        "phone_number_verified": "true",
    }
    assert browser.submit(**fields, **address, **extra).headers["Location"] == f"{ISSUER}/account/profile?done=1"
    after = find(site)
    assert before is not None
    assert after is not None
    expected = (
        NO_PROFILE
        | fields
        | {
            "name": "Ada King",
            "family_name": None,
            "address": {"street_address": "1 Main St\nFlat 2", "country": "UK"},
            "phone_number": "+441632960001",
        }
    )
    assert after.profile == expected
    kept = ("sub", "username", "email", "email_verified", "roles")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]


@pytest.mark.parametrize("body", [{"json": {"name": "x"}}, {"data": b"name=x", "content_type": "text/plain"}])
def test_what_is_no_form_changes_nothing(site: Site, browser: Browser, body: dict[str, Any]) -> None:
    before = find(site)
    browser.visit("/account/profile")
    answer = browser.post("/account/profile", headers={"X-CSRFToken": browser.csrf}, **body)
    assert (answer.status_code, find(site)) == (415, before)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("locale", "de_AT!"),
        ("zoneinfo", "../../etc/passwd"),
        ("zoneinfo", "Mars/Olympus"),
        ("website", "ftp://example.com"),
        ("profile", "javascript:alert(1)"),
        ("birthdate", "31.12.1990"),
        ("phone_number", "030 123456"),
    ],
)
def test_a_fault_is_named_at_its_field_and_nothing_is_saved(
    site: Site, browser: Browser, field: str, value: str
) -> None:
    browser.visit("/account/profile")
    answer = browser.submit(**{"name": "Changed", field: value})
    assert answer.status_code == 400
    assert f'id="{field}-note"' in answer.text
    assert 'class="note wrong"' in answer.text
    after = find(site)
    assert after is not None
    assert after.name != "Changed"


def test_a_new_address_is_proven_by_its_code_and_the_old_one_is_told(site: Site, browser: Browser) -> None:
    browser.visit("/account/email")
    browser.visit(browser.submit(email="Ada@New.example").headers["Location"])
    mail = letter(site, "verify")
    assert mail.to == "Ada@New.example"
    assert getattr(find(site), "email", None) == "ada@example.com"
    assert browser.submit(code=mail.code).headers["Location"] == f"{ISSUER}/account/email?done=1"
    after = find(site)
    assert after is not None
    assert (after.email, after.email_verified) == ("Ada@New.example", True)
    assert "user:email:changed" in told(site)
    assert [(each.kind, each.to) for each in letters(site)[-2:]] == [
        ("email_changed", "ada@example.com"),
        ("email_given", "Ada@New.example"),
    ]


def test_the_link_for_an_address_asks_who_opens_it_to_be_the_one_who_asked(site: Site, browser: Browser) -> None:
    site.add("bob")
    browser.visit("/account/email")
    browser.submit(email="ada@new.example")
    link = letter(site, "verify").link
    bob = site.browser()
    bob.sign_in("bob")
    assert bob.get(link).headers["Location"] == f"{ISSUER}/sign-in?to=verify&another=1"
    elsewhere = site.browser()
    assert elsewhere.get(link).headers["Location"] == f"{ISSUER}/sign-in?to=verify"
    assert getattr(find(site), "email", None) == "ada@example.com"
    elsewhere.visit("/sign-in?to=verify")
    assert elsewhere.sign_in("ada").headers["Location"] == f"{ISSUER}/verify"
    assert "will become the address of your account" in elsewhere.visit("/verify").text
    assert elsewhere.submit().status_code == 303
    assert getattr(find(site), "email", None) == "ada@new.example"


def test_an_address_of_somebody_else_is_not_told_and_not_taken(site: Site, browser: Browser) -> None:
    site.add("bob", "bob@example.com")
    browser.visit("/account/email")
    page = browser.visit(browser.submit(email="bob@example.com").headers["Location"])
    assert "We sent an email to <strong>bob@example.com</strong>" in page.text
    assert letter(site, "address_taken").to == "bob@example.com"
    assert "That code is wrong" in browser.submit(code="000000").text
    assert getattr(find(site), "email", None) == "ada@example.com"


def test_a_changed_address_voids_a_link_to_reset_that_the_old_one_got(site: Site, browser: Browser) -> None:
    ada = find(site)
    assert ada is not None
    with site.app.server.database.write() as connection:
        token = links.make(connection, "reset", "ada@example.com", NOW, 1800, sub=ada.sub)
    browser.visit("/account/email")
    browser.visit(browser.submit(email="ada@new.example").headers["Location"])
    browser.submit(code=letter(site, "verify").code)
    assert "no longer works" in browser.get(f"/reset?token={token}").text


def test_a_new_password_needs_the_old_one_and_ends_every_other_session(site: Site, browser: Browser) -> None:
    other = site.browser()
    other.sign_in("ada")
    browser.visit("/account/password")
    before = browser.session_cookie()
    assert "current password is wrong" in browser.submit(current_password="wrong", password=NEW).text
    assert (
        browser.submit(current_password=PASSWORD, password=NEW).headers["Location"]
        == f"{ISSUER}/account/password?done=1"
    )
    assert browser.session_cookie() != before
    assert "Your password has been changed" in browser.visit("/account/password?done=1").text
    assert "not signed in" in other.visit("/").text
    assert letter(site, "password_changed").to == "ada@example.com"
    assert site.browser().sign_in("ada", NEW).status_code == 303
    assert site.browser().sign_in("ada").status_code == 400


def test_the_current_password_cannot_be_guessed_at_here_either(site: Site, browser: Browser) -> None:
    browser.visit("/account/password")
    answers = [browser.submit(current_password="wrong", password=NEW).status_code for _ in range(6)]
    assert answers == [400] * 5 + [429]
    assert browser.submit(current_password=PASSWORD, password=NEW).status_code == 429
