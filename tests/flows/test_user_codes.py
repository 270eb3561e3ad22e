"""The code that a person types: in any spelling, guessed by nobody, kept nowhere.

RFC 8628. https://www.rfc-editor.org/rfc/rfc8628
"""

from collections.abc import Callable

import pytest

from authserver.master_key import new_key
from tests.flows.conftest import MASTER_KEY, MakeProvider
from tests.flows.device import waiting
from tests.flows.provider import Provider


@pytest.mark.parametrize(
    "spell",
    [
        str.lower,
        lambda code: code.replace("-", ""),
        lambda code: f"  {code[:4]}  {code[5:]} ",
        lambda code: "-".join(code.replace("-", "").lower()),
        lambda code: code.replace("-", "–"),
    ],
)
def test_a_code_is_taken_in_any_spelling(provider: Provider, spell: Callable[[str], str]) -> None:
    device = waiting(provider)
    assert device.entered(provider.browser(), code=spell(device.user_code)).heading == "Allow Living room?"


@pytest.mark.parametrize(
    "typed", ["", "WDJB", "WDJB-MJH1", "AEIO-UYAE", "WDJB-MJHT-WDJB", "ẞẞẞẞ-ẞẞẞẞ", "W" * 5000, "<b>WDJB"]
)
def test_what_is_no_code_is_said_to_be_none_and_counts_as_no_guess(make_provider: MakeProvider, typed: str) -> None:
    provider = make_provider(signin_limit_address="1 per minute")
    browser = provider.browser()
    for _ in range(2):
        page = browser.submit(browser.open("/device"), "Continue", user_code=typed)
        assert (page.status, "isn’t a code" in page.page.words) == (400, True)
    assert waiting(provider).entered(browser).heading == "Allow Living room?"


def test_wrong_codes_are_few_for_an_address_until_its_window_ends(make_provider: MakeProvider) -> None:
    provider = make_provider(signin_limit_address="3 per hour")
    device, browser = waiting(provider), provider.browser()
    for _ in range(3):
        page = browser.submit(browser.open("/device"), "Continue", user_code="BBBB-BBBB")
        assert (page.status, "No device is waiting" in page.page.words) == (400, True)
    page = browser.submit(browser.open("/device"), "Continue", user_code=device.user_code)
    assert (page.status, "Retry-After" in page.headers) == (429, True)
    # Whoever is right is not refused for what others do: from another address, and here once they say who they are.
    assert device.entered(provider.browser("203.0.113.9"), "mia").heading == "Allow Living room?"
    signed_in = browser.sign_in(browser.follow(page, "Sign in to continue without waiting"), "ada")
    assert browser.submit(signed_in, "Continue", user_code=device.user_code).heading == "Allow Living room?"
    assert len(provider.events("authorization:user_code:failed")) == 3


def test_wrong_codes_are_few_for_an_account_wherever_it_is_signed_in(make_provider: MakeProvider) -> None:
    provider = make_provider(signin_limit_account="2 per hour")
    device, browsers = waiting(provider), [provider.browser(f"203.0.113.{each}") for each in (1, 2, 3)]
    for browser in browsers:
        browser.sign_in(browser.open("/sign-in?to=device"), "ada")
    for browser in browsers[:2]:
        assert browser.submit(browser.open("/device"), "Continue", user_code="BBBB-BBBB").status == 400
    assert browsers[2].submit(browsers[2].open("/device"), "Continue", user_code=device.user_code).status == 429


def test_right_codes_count_for_nothing(make_provider: MakeProvider) -> None:
    provider = make_provider(signin_limit_address="1 per hour")
    for _ in range(3):
        assert waiting(provider).entered(provider.browser()).heading == "Allow Living room?"


def test_neither_code_is_in_the_database(provider: Provider) -> None:
    device, browser = waiting(provider), provider.browser()
    device.entered(browser)
    dump = provider.dump()
    assert device.device_code not in dump
    assert device.user_code not in dump
    assert device.user_code.replace("-", "") not in dump


def test_a_code_is_found_under_an_earlier_master_key(make_provider: MakeProvider) -> None:

    device = waiting(make_provider())
    provider = make_provider(master_key=f"{new_key()},{MASTER_KEY}")
    assert device.entered(provider.browser()).heading == "Allow Living room?"
