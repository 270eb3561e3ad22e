"""Second factors in the account area: set up, renamed, removed, exported."""

import re
from urllib.parse import parse_qs, urlsplit

from authserver.store import addresses
from tests.flows.browser import Browser
from tests.flows.factors.phone import (
    ASKED,
    Phone,
    codes_of,
    halfway,
    letters,
    secret_of,
    set_up,
)
from tests.flows.provider import Provider


def test_the_qr_code_and_the_text_say_the_same(provider: Provider, browser: Browser) -> None:
    browser.sign_in(browser.open("/sign-in"), "ada")
    landing = browser.open("/account/factors/app")
    uri = landing.page.links["open it in your app"]
    parameters = {name: value for name, (value,) in parse_qs(urlsplit(uri).query).items()}
    assert parameters == {"secret": secret_of(landing), "issuer": provider.host.replace(":", " ")}
    assert uri.startswith("otpauth://totp/")
    assert secret_of(landing) in landing.page.words.replace(" ", "")
    assert "<svg" in landing.text
    assert " style=" not in landing.text


def test_the_same_secret_cannot_be_added_twice(provider: Provider, browser: Browser) -> None:
    browser.sign_in(browser.open("/sign-in"), "ada")
    landing = browser.open("/account/factors/app")
    phone = Phone(provider, secret_of(landing), [])
    browser.submit(landing, code=phone.code())
    assert browser.submit(landing, code=phone.next_code()).heading == "Two-factor authentication"
    assert len(provider.events("user:factor:added")) == 1


def test_a_secret_that_was_shown_to_somebody_else_is_not_taken(provider: Provider, browser: Browser) -> None:
    mallory = provider.browser()
    mallory.sign_in(mallory.open("/sign-in"), "mia")
    theirs = mallory.open("/account/factors/app")
    browser.sign_in(browser.open("/sign-in"), "ada")
    landing = browser.open("/account/factors/app")
    for sealed in (theirs.page.form.fields["sealed"], "", "x", "é", "gAAAAA"):
        again = browser.submit(landing, sealed=sealed, code=Phone(provider, secret_of(theirs), []).code())
        assert again.heading == "Add an authenticator app"
    assert not provider.events("user:factor:added")


def test_new_recovery_codes_void_the_old_ones(provider: Provider, browser: Browser) -> None:
    phone = set_up(provider, browser)
    landing = browser.open("/account/factors")
    new = codes_of(browser.submit(landing, form=next(f for f in landing.page.forms if "Make new codes" in f.buttons)))
    assert len({*new, *phone.recovery_codes}) == 20
    for code, is_taken in ((phone.recovery_codes[0], False), (new[0], True)):
        other = provider.browser()
        assert (other.submit(halfway(other, other.open("/sign-in")), code=code).heading != ASKED) == is_taken


def test_nothing_in_the_database_gives_a_factor_away(provider: Provider, phone: Phone) -> None:
    dump = provider.dump()
    assert phone.secret not in dump
    assert not any(code in dump or code.replace("-", "") in dump for code in phone.recovery_codes)


def test_older_sessions_end_with_the_first_factor(provider: Provider, browser: Browser) -> None:
    older = provider.browser()
    older.sign_in(older.open("/sign-in"), "ada")
    set_up(provider, browser)
    assert older.open("/account").heading == "Sign in"
    assert browser.open("/account").heading == "Your account"


def test_each_change_is_told(provider: Provider, browser: Browser) -> None:
    set_up(provider, browser, name="Old phone")
    landing = browser.open("/account/factors")
    form = next(f for f in landing.page.forms if "rename" in str(f.buttons))
    landing = browser.submit(landing, "Rename Old phone", form=form, name="New phone")
    assert "New phone" in landing.page.words
    landing = browser.submit(
        landing, "Remove New phone", form=next(f for f in landing.page.forms if "rename" in str(f.buttons))
    )
    assert letters(provider).count("factors_changed") == 4
    names = [event["name"] for event in provider.events() if event["name"].startswith(("user:factor", "user:recovery"))]
    assert names == ["user:factor:added", "user:recovery_codes:made", "user:factor:renamed", "user:factor:removed"]
    other = provider.browser()
    assert other.sign_in(other.open("/sign-in"), "ada").heading != ASKED


def test_who_has_no_proof_of_their_address_sets_up_none(provider: Provider, browser: Browser) -> None:
    with provider.database.write() as connection:
        addresses.put(connection, provider.people["ada"], "ada@example.com", provider.clock.now, is_verified=False)
    browser.sign_in(browser.open("/sign-in"), "ada")
    assert "confirm your email address first" in browser.open("/account/factors").page.words
    assert browser.open("/account/factors/app").heading == "Two-factor authentication"


def test_the_export_names_factors_and_holds_no_secret(provider: Provider, browser: Browser) -> None:
    phone = set_up(provider, browser, name="Phone")
    form = browser.open("/account/export").page.form
    sent = {"Origin": browser.origin, "Sec-Fetch-Site": "same-origin"}
    text = browser.client.post(f"{provider.issuer}{form.action}", data=form.fields, headers=sent).text
    assert '"Phone"' in text
    assert phone.secret not in text
    assert "sealed" not in text


def test_with_the_account_go_its_factors(provider: Provider, browser: Browser) -> None:
    set_up(provider, browser, name="Telltale")
    assert "Telltale" in provider.dump()
    browser.submit(browser.open("/account/delete"), sure="y")
    rows = re.sub(r"user:[^\n]*", "", provider.dump())
    assert "Telltale" not in rows
