"""Every form of every page, those to come too, is taken from our own pages alone (ASVS 3.5.1)."""

from collections.abc import Iterator

import pytest

from tests.flows.browser import Browser
from tests.flows.provider import Provider

# Clients post to these from their own pages; they turn into the same request by GET and change nothing by themselves.
FROM_ELSEWHERE = {"/authorize", "/end_session"}


def posts(provider: Provider) -> Iterator[str]:
    """The path of every view that takes a form, with something in the place of each variable."""
    for rule in provider.app.url_map.iter_rules():
        takes_forms = "POST" in (rule.methods or ()) and not rule.rule.startswith("/api/")
        if takes_forms and rule.rule not in FROM_ELSEWHERE and "backchannel" not in rule.rule:
            values = dict.fromkeys(rule.arguments, "1")
            yield provider.app.url_map.bind("localhost").build(
                rule.endpoint, values, method="POST", append_unknown=False
            )


@pytest.mark.parametrize("is_signed_in", [False, True])
def test_a_form_without_the_token_of_this_browser_does_nothing(provider: Provider, is_signed_in: bool) -> None:
    browser = provider.browser()
    if is_signed_in:
        browser.sign_in(browser.open("/sign-in"), "ada")
    before = provider.dump()
    for path in posts(provider):
        for token in ({}, {"csrf_token": ""}, {"csrf_token": "forged"}):
            landing = browser.post(path, token, Origin=browser.origin, Sec_Fetch_Site="same-origin")
            assert landing.status in {400, 404}, (path, landing.status)
    assert provider.dump() == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example", "Sec_Fetch_Site": "cross-site"},
        {"Origin": "null", "Sec_Fetch_Site": "cross-site"},
        {"Origin": "https://evil.example", "Sec_Fetch_Site": "same-origin"},
    ],
)
def test_a_form_of_another_site_does_nothing_even_with_the_token(
    provider: Provider, browser: Browser, headers: dict[str, str]
) -> None:
    stolen = browser.open("/sign-in").page.form.fields["csrf_token"]
    for path in posts(provider):
        landing = browser.post(path, {"csrf_token": stolen}, **headers)
        assert landing.status in {403, 404}, (path, landing.status)


def test_the_token_of_one_browser_is_worth_nothing_in_another(provider: Provider, browser: Browser) -> None:
    other = provider.browser()
    other.open("/sign-in")
    stolen = browser.open("/sign-in").page.form.fields["csrf_token"]
    for path in posts(provider):
        landing = other.post(path, {"csrf_token": stolen}, Origin=other.origin, Sec_Fetch_Site="same-origin")
        assert landing.status in {400, 404}, (path, landing.status)


def test_signing_out_makes_the_token_of_the_person_before_worthless(provider: Provider, browser: Browser) -> None:
    home = browser.sign_in(browser.open("/sign-in"), "ada")
    stolen = home.page.form.fields["csrf_token"]
    browser.submit(home, "Sign out")
    landing = browser.post("/sign-in", {"csrf_token": stolen}, Origin=browser.origin, Sec_Fetch_Site="same-origin")
    assert landing.status == 400
