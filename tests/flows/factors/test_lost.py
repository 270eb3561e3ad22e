"""Factors that are lost: a link of an administrator's takes them away, late enough for their owner to object."""

import re

from tests.flows.browser import Browser
from tests.flows.factors.phone import ASKED, Phone, halfway, letters
from tests.flows.provider import Provider
from tests.management.api import DECLARED, Api

DAY = 86400


def link_for(provider: Provider, username: str = "ada") -> str:
    """The link that an administrator gets."""
    from authserver import people
    from authserver.store import users

    with provider.database.write() as connection:
        change = people.change_of(provider.app.server, connection, people.administrator("root", "api"))
        user = users.by_login(connection, username)
        assert user is not None
        made = people.request_factor_reset(change, user)
    assert made is not None
    return made.link


def test_the_link_works_once_and_not_before_its_time(provider: Provider, browser: Browser, phone: Phone) -> None:
    link = link_for(provider)
    assert letters(provider)[-1] == "factor_reset_requested"
    early = browser.open(link)
    assert not early.page.forms
    provider.clock.pass_(DAY - 1)
    assert not browser.open(link).page.forms
    provider.clock.pass_(1)
    landing = browser.open(link)
    assert browser.submit(landing).heading == "Your second factors have been removed"
    assert browser.submit(landing).heading == "This link no longer works"
    assert letters(provider)[-1] == "factors_changed"
    # It signs nobody in, and the password is asked as ever.
    assert browser.open("/account").heading == "Sign in"
    assert browser.sign_in(browser.open("/sign-in"), "ada").heading != ASKED


def test_a_form_that_is_sent_early_removes_nothing(provider: Provider, browser: Browser, phone: Phone) -> None:
    link = link_for(provider)
    token = browser.open("/forgot").page.form.fields["csrf_token"]
    url = re.sub(r"^https?://[^/]*", "", link)
    sent = browser.post(url, {"csrf_token": token}, Origin=browser.origin, Sec_Fetch_Site="same-origin")
    assert "works from" in sent.page.words
    assert browser.sign_in(browser.open("/sign-in"), "ada").heading == ASKED


def test_its_owner_can_cancel_it(provider: Provider, browser: Browser, phone: Phone) -> None:
    link = link_for(provider)
    browser.submit(halfway(browser, browser.open("/sign-in?to=factors")), code=phone.code())
    landing = browser.open("/account/factors")
    assert "An administrator made a link" in landing.page.words
    form = next(form for form in landing.page.forms if "Cancel the removal" in form.buttons)
    landing = browser.submit(landing, "Cancel the removal", form=form)
    assert "An administrator made a link" not in landing.page.words
    provider.clock.pass_(DAY)
    assert browser.open(link).heading == "This link no longer works"
    assert provider.events("user:factors:reset_canceled")


def test_a_newer_link_voids_the_older_and_three_days_later_it_is_over(
    provider: Provider, browser: Browser, phone: Phone
) -> None:
    first, second = link_for(provider), link_for(provider)
    provider.clock.pass_(DAY)
    assert browser.open(first).heading == "This link no longer works"
    assert browser.open(second).heading == "Remove your second factors"
    provider.clock.pass_(3 * DAY)
    assert browser.open(second).heading == "This link no longer works"


def test_the_api_shows_factors_and_makes_the_link_once_there_are_some(provider: Provider, phone: Phone) -> None:
    assert provider.declare(DECLARED)
    console = provider.client("console")
    api = Api(provider, console.sign_in(provider.browser(), "root").access_token)
    found = api.call("GET", f"/users/{provider.people['ada']}/factors").get_json()
    assert [each["kind"] for each in found["items"]] == ["totp"]
    assert found["recovery_codes_left"] == 10
    assert phone.secret not in str(found)
    made = api.call("POST", f"/users/{provider.people['ada']}/factors/reset")
    assert made.status_code == 201
    assert made.get_json()["works_from"] == provider.clock.now + DAY
    assert api.call("POST", f"/users/{provider.people['mia']}/factors/reset").status_code == 404
