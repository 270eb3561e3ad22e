"""A second factor at sign-in: a code of an app, or a recovery code, each of which counts once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.flows.browser import Browser
from tests.flows.conftest import MakeProvider
from tests.flows.databases import always_on_both, on_both
from tests.flows.factors.phone import (
    ASKED,
    PERIOD,
    Phone,
    halfway,
    letters,
    reset_password,
    set_up,
    sign_out,
    with_phone,
)
from tests.flows.provider import Provider
from tests.flows.relying_party import RelyingParty

SESSION, BEGUN = "authserver_session", "authserver_begun"
WRONG = "wrong, or was already used"
DAY = 86400


@on_both
def test_who_has_none_signs_in_with_a_password_alone(provider: Provider, intranet: RelyingParty) -> None:
    assert intranet.sign_in(provider.browser()).id_claims["amr"] == ["pwd"]


@on_both
def test_the_app_is_asked_for_after_the_password(
    provider: Provider, browser: Browser, intranet: RelyingParty, phone: Phone
) -> None:
    attempt = intranet.ask()
    asked = halfway(browser, browser.open(attempt.url))
    assert browser.cookie(SESSION) is None
    tokens = intranet.finish(attempt, browser.submit(asked, code=phone.code()))
    assert tokens.id_claims["amr"] == ["pwd", "otp", "mfa"]
    assert browser.cookie(SESSION)
    assert browser.cookie(BEGUN) is None


@pytest.mark.parametrize("steps", [-2, -1, 0, 1, 2])
def test_a_clock_may_be_off_by_one_step(provider: Provider, browser: Browser, phone: Phone, steps: int) -> None:
    provider.clock.pass_(3 * PERIOD)
    landing = browser.submit(halfway(browser, browser.open("/sign-in")), code=phone.code(steps))
    assert (landing.heading != ASKED) == (abs(steps) <= 1)


def test_a_code_that_was_taken_is_not_taken_again_nor_an_older_one(provider: Provider, phone: Phone) -> None:
    for steps, is_taken in ((0, True), (0, False), (-1, False), (1, True)):
        browser = provider.browser()
        landing = browser.submit(halfway(browser, browser.open("/sign-in")), code=phone.code(steps))
        assert (landing.heading != ASKED) == is_taken
    assert WRONG not in provider.browser().open("/sign-in").page.words


def test_the_code_that_set_it_up_signs_nobody_in(provider: Provider, browser: Browser) -> None:
    phone = set_up(provider, provider.browser())
    landing = browser.submit(halfway(browser, browser.open("/sign-in")), code=phone.code())
    assert WRONG in landing.page.words
    assert provider.events("user:factor:failed")


def test_a_recovery_code_counts_once_and_is_told(provider: Provider, phone: Phone) -> None:
    assert len(set(phone.recovery_codes)) == 10
    first = phone.recovery_codes[0]
    for code, is_taken in ((first, True), (first, False), (phone.recovery_codes[1].lower().replace("-", " "), True)):
        browser = provider.browser()
        asked = browser.follow(halfway(browser, browser.open("/sign-in")), "Use a recovery code instead")
        assert (browser.submit(asked, code=code).heading != ASKED) == is_taken
    assert letters(provider).count("recovery_code_used") == 2
    assert [event["left"] for event in provider.events("user:recovery_code:used")] == [9, 8]


def test_a_recovery_code_is_no_one_time_password_to_clients(provider: Provider, browser: Browser, phone: Phone) -> None:
    intranet = provider.client("intranet")
    attempt = intranet.ask()
    landing = browser.submit(halfway(browser, browser.open(attempt.url)), code=phone.recovery_codes[0])
    assert intranet.finish(attempt, landing).id_claims["amr"] == ["pwd", "mfa"]


@always_on_both
def test_of_many_who_send_one_code_at_once_exactly_one_gets_in(make_provider: MakeProvider) -> None:
    provider = make_provider(signin_backoff_after=100)
    phone = with_phone(provider)
    for code in (phone.code(), phone.recovery_codes[0]):
        browsers = [provider.browser(f"198.51.100.{number}") for number in range(6)]
        asked = [halfway(browser, browser.open("/sign-in")) for browser in browsers]

        def send(number: int, code: str = code, browsers: list[Browser] = browsers, asked: list = asked) -> bool:  # type: ignore[type-arg]
            return browsers[number].submit(asked[number], code=code).heading != ASKED

        with ThreadPoolExecutor(6) as threads:
            assert sum(threads.map(send, range(6))) == 1


def test_guesses_are_limited_and_a_right_password_forgets_none(make_provider: MakeProvider) -> None:
    provider = make_provider(signin_backoff_after=3, signin_limit_address="100 per minute")
    phone = with_phone(provider)
    wrong = phone.wrong_code()
    for number in range(3):
        browser = provider.browser(f"198.51.100.{number}")
        assert browser.submit(halfway(browser, browser.open("/sign-in")), code=wrong).status == 400
    browser = provider.browser("203.0.113.5")
    refused = browser.submit(halfway(browser, browser.open("/sign-in")), code=phone.code())
    assert (refused.status, int(refused.headers["Retry-After"]) > 0) == (429, True)
    provider.clock.pass_(900)
    browser = provider.browser("203.0.113.6")
    assert browser.submit(halfway(browser, browser.open("/sign-in")), code=phone.code()).heading != ASKED


def test_a_remembered_device_is_not_asked_until_its_time_is_over(
    provider: Provider, browser: Browser, phone: Phone
) -> None:
    asked = halfway(browser, browser.open("/sign-in"))
    browser.submit(asked, code=phone.code(), trust="y")
    sign_out(browser)
    assert browser.sign_in(browser.open("/sign-in"), "ada").heading != ASKED
    # What needs a recent sign-in asks all the same, also of who is signed in already.
    landing = browser.open("/account/password")
    assert landing.heading == ASKED
    assert browser.submit(landing, code=phone.next_code()).heading == "Password"
    sign_out(browser)
    assert browser.sign_in(browser.open("/account/factors"), "ada").heading == ASKED
    other = provider.browser()
    assert other.sign_in(other.open("/sign-in"), "ada").heading == ASKED
    provider.clock.pass_(30 * DAY)
    assert browser.sign_in(browser.open("/sign-in"), "ada").heading == ASKED


def test_no_device_is_remembered_where_the_setting_says_so(make_provider: MakeProvider) -> None:
    provider = make_provider(factor_device_lifetime=0)
    phone, browser = with_phone(provider), provider.browser()
    asked = halfway(browser, browser.open("/sign-in"))
    assert "trust" not in asked.text
    browser.submit(asked, code=phone.code(), trust="y")
    sign_out(browser)
    assert browser.sign_in(browser.open("/sign-in"), "ada").heading == ASKED


def test_remembered_devices_can_be_forgotten(provider: Provider, browser: Browser, phone: Phone) -> None:
    browser.submit(halfway(browser, browser.open("/sign-in?to=account")), code=phone.code(), trust="y")
    landing = browser.open("/account/factors")
    form = next(f for f in landing.page.forms if "Ask for a second factor on every device again" in f.buttons)
    browser.submit(landing, "Ask for a second factor on every device again", form=form)
    sign_out(browser)
    assert browser.sign_in(browser.open("/sign-in"), "ada").heading == ASKED


def test_a_new_password_by_mail_neither_removes_nor_passes_it(
    provider: Provider, browser: Browser, phone: Phone
) -> None:
    browser.submit(halfway(browser, browser.open("/sign-in")), code=phone.code(), trust="y")
    reset_password(provider, browser)
    landing = browser.sign_in(browser.open("/sign-in"), "ada", "Another-horse-77!")
    assert landing.heading == ASKED
    assert browser.submit(landing, code=phone.next_code()).heading != ASKED


def test_another_password_in_the_account_area_keeps_what_was_proven(provider: Provider, browser: Browser) -> None:
    set_up(provider, browser)
    provider.clock.pass_(700)
    landing = browser.open("/account/password")
    assert landing.heading == "Confirm it’s you"


@on_both
def test_a_half_signed_in_session_is_worth_nothing_elsewhere(
    provider: Provider, browser: Browser, intranet: RelyingParty, phone: Phone
) -> None:
    halfway(browser, browser.open("/sign-in"))
    assert browser.open(intranet.ask(prompt="none").url).error == "login_required"
    assert browser.open("/account").heading == "Sign in"
    assert browser.open(intranet.ask().url).heading == ASKED
    # Nor does its cookie in the place of a live session's.
    browser.plant(SESSION, browser.cookie(BEGUN) or "")
    assert browser.open("/account").heading == "Sign in"


def test_it_is_over_after_ten_minutes_and_with_the_person(provider: Provider, browser: Browser, phone: Phone) -> None:
    asked = halfway(browser, browser.open("/sign-in"))
    provider.clock.pass_(600)
    assert browser.submit(asked, code=phone.code()).heading == "Sign in"
    asked = halfway(browser, browser.open("/sign-in"))
    provider.disable("ada")
    assert browser.submit(asked, code=phone.code()).heading == "Sign in"


def test_who_began_cannot_be_completed_from_a_cookie_that_was_planted(
    provider: Provider, browser: Browser, phone: Phone
) -> None:
    mallory = provider.browser("203.0.113.66")
    halfway(mallory, mallory.open("/sign-in"))
    planted = mallory.cookie(BEGUN) or ""
    browser.plant(BEGUN, planted)
    assert browser.submit(browser.open("/sign-in/factor"), code=phone.code()).heading != ASKED
    # What Mallory knows opens nothing: the session has another cookie, and the begun one was taken.
    mallory.plant(SESSION, planted)
    assert mallory.open("/account").heading == "Sign in"
    assert mallory.open("/sign-in/factor").heading == "Sign in"


def test_a_live_session_goes_on_while_it_is_confirmed(provider: Provider, browser: Browser, phone: Phone) -> None:
    browser.submit(halfway(browser, browser.open("/sign-in")), code=phone.code())
    provider.clock.pass_(700)
    asked = browser.sign_in(browser.open("/account/delete"), "ada")
    assert asked.heading == ASKED
    assert browser.open("/account").heading == "Your account"
    assert browser.open("/account/delete").heading == "Confirm it’s you"
    assert browser.submit(asked, code=phone.next_code()).heading == "Delete your account"
