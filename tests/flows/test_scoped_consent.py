"""Consent to scopes of APIs: shown as sentences, remembered one by one, and asked only for what is new."""

from tests.flows.browser import Browser
from tests.flows.databases import on_both
from tests.flows.registry import USERS
from tests.flows.relying_party import RelyingParty
from tests.flows.test_consent import consent_page


def test_the_page_names_the_permissions_that_are_asked_for_and_no_others(
    browser: Browser, portal: RelyingParty
) -> None:
    page = consent_page(browser, portal, scope="openid read:reports delete:reports")
    assert "Read reports" in page.page.words
    # Also what no role gives yet: with one that does, the client would have it.
    assert "Delete reports" in page.page.words
    for other in ("Write reports", "See people"):
        assert other not in page.page.words


@on_both
def test_each_scope_of_an_api_is_remembered_and_what_was_allowed_as_a_whole_covers_them(
    browser: Browser, portal: RelyingParty
) -> None:
    portal.sign_in(browser, scope="openid read:reports")
    assert browser.open(portal.ask(scope="openid read:reports").url).is_outside
    for more in ("openid read:reports write:reports", "openid read:users", "openid"):
        assert browser.open(portal.ask(scope=more).url).heading == "Allow Team portal?"
    portal.sign_in(browser, scope="openid write:reports")
    assert browser.open(portal.ask(scope="openid read:reports write:reports").url).is_outside
    portal.sign_in(browser, scope="openid", resource=USERS)
    assert browser.open(portal.ask(scope="openid read:users write:users").url).is_outside
    assert browser.open(portal.ask(scope="openid").url).heading == "Allow Team portal?"
