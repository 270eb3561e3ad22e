"""An address that folds to another's opens nothing of theirs: not by signing up, by recovery, or by guessing."""

import pytest

from authserver.store.tables import users as table
from tests.accounts.conftest import MakeSite
from tests.accounts.post import letter, letters
from tests.accounts.site import PASSWORD, Browser, Site
from tests.accounts.test_recovery import ask
from tests.accounts.test_sign_up import find, sign_up

NEW = "Another horse 99?"
FOLDS = [
    ("strasse@example.com", "straße@example.com"),
    ("boss@example.com", "ｂoss@example.com"),
    ("ceo@fass.example", "ceo@faß.example"),
    ("ceo@fass.example", "ceo@xn--fa-hia.example"),
    ("mike@example.com", "m\u0131ke@example.com"),
    ("kelvin@example.com", "\u212aelvin@example.com"),
]


def open_site(make_site: MakeSite, **changed: object) -> Site:
    return make_site(**{"signup": "open", "signin_limit_address": "1000 per minute", **changed})


@pytest.mark.parametrize(("theirs", "folding"), FOLDS)
def test_an_address_that_folds_to_another_has_an_account_and_mails_of_its_own(
    make_site: MakeSite, theirs: str, folding: str
) -> None:
    site = open_site(make_site)
    owner = site.add("owner", theirs)
    browser = site.browser()
    assert browser.sign_in(folding).status_code == 400
    ask(site.browser(), folding)
    assert letters(site) == []
    browser.action = ""
    sign_up(browser, email=folding, password=NEW)
    assert letter(site, "verify").to == folding
    assert browser.submit(code=letter(site, "verify").code).status_code == 303
    other = find(site, folding)
    assert other is not None
    assert (other.sub != owner.sub, other.email) == (True, folding)
    ask(site.browser(), folding)
    assert letter(site, "reset").to == folding
    ask(site.browser(), theirs)
    assert letter(site, "reset").to == theirs
    assert site.browser().sign_in(theirs, NEW).status_code == 400
    assert site.browser().sign_in(folding, NEW).status_code == 303


@pytest.mark.parametrize("typed", ["CEO@FASS.example", " Ceo@fass.EXAMPLE "])
def test_a_mail_goes_to_the_address_as_it_was_given_however_it_is_typed(make_site: MakeSite, typed: str) -> None:
    site = open_site(make_site)
    site.add("ceo", "Ceo@fass.example")
    ask(site.browser(), typed)
    assert letter(site, "reset").to == "Ceo@fass.example"
    sign_up(site.browser(), email=typed, password=NEW)
    assert letter(site, "address_taken").to == "Ceo@fass.example"
    site.add("eve", "eve@example.com")
    eve = site.browser()
    eve.sign_in("eve")
    eve.visit("/account/email")
    eve.submit(email=typed)
    assert letter(site, "address_taken").to == "Ceo@fass.example"


@pytest.mark.parametrize(
    ("domains", "address", "may"),
    [
        ("fass.example", "eve@fass.example", True),
        ("fass.example", "eve@FASS.example", True),
        ("fass.example", "eve@faß.example", False),
        ("fass.example", "eve@xn--fa-hia.example", False),
        ("faß.example", "eve@faß.example", True),
        ("faß.example", "eve@XN--fa-hia.example", True),
        ("XN--fa-hia.example", "eve@faß.example", True),
        ("faß.example", "eve@fass.example", False),
        ("fass.example", "eve@fass.example.", False),
        ("fass.example", "eve@ｆass.example", False),
        ("fass.example", "eve@fass\u3002example", False),
        ("fass.example", "=?utf-8?q?eve=40evil.example=2c?=@fass.example", False),
    ],
)
def test_who_may_sign_up_by_domain_is_who_has_an_address_at_that_very_domain(
    make_site: MakeSite, domains: str, address: str, may: bool
) -> None:
    site = make_site(signup="domain", signup_domains=domains)
    answer = sign_up(site.browser(), email=address, password=NEW)
    assert ([each.to for each in letters(site)] == [address]) is may
    assert ("Check your email" in answer.text) is may


def test_every_spelling_of_one_address_is_counted_as_one_account_and_no_other_one_is(make_site: MakeSite) -> None:
    site = open_site(make_site)
    site.add("ada", "Ada@faß.example")
    browser = site.browser()
    spellings = ["ada", "ADA@faß.example", "ada@XN--FA-HIA.example", " Ada@faß.example ", "ａｄａ"]
    assert [browser.sign_in(each, "wrong").status_code for each in spellings] == [400] * 5
    assert browser.sign_in("ada@faß.example", PASSWORD).status_code == 429
    nobody = [
        "eve@faß.example",
        "EVE@faß.example",
        "eve@xn--fa-hia.example",
        "Eve@xn--fa-hia.EXAMPLE",
        "eve@faß.example",
    ]
    assert [site.browser().sign_in(each, "wrong").status_code for each in nobody] == [400] * 5
    assert site.browser().sign_in("eve@faß.example", "wrong").status_code == 429
    assert site.browser().sign_in("eve@fass.example", "wrong").status_code == 400


def test_a_new_spelling_does_not_escape_the_limit_of_mails_to_one_address(make_site: MakeSite) -> None:
    site = open_site(make_site, mail_limit_account="2 per hour")
    for email in ("eve@faß.example", "Eve@faß.example", "eve@xn--fa-hia.example", "EVE@FAß.example"):
        sign_up(site.browser(), email=email, password=NEW)
    assert len(letters(site)) == 2


def test_whose_address_is_contested_can_still_have_a_new_password_by_the_username(site: Site, browser: Browser) -> None:
    with site.app.server.database.write() as connection:
        connection.execute(table.update().values(email_key=None, contested_key="ada@example.com"))
    ask(site.browser(), "ada@example.com")
    assert letters(site) == []
    ask(site.browser(), "ada")
    browser.visit(letter(site, "reset").link)
    assert browser.submit(password=NEW).status_code == 303
    assert site.browser().sign_in("ada", NEW).status_code == 303
