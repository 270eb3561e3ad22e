"""Single claims by the claims parameter, and what acr and sub must be (OpenID Connect Core §5.5)."""

import json
from typing import Any

import pytest

from tests.flows.browser import Browser
from tests.flows.databases import on_both
from tests.flows.provider import Provider
from tests.flows.relying_party import RelyingParty

EMAIL = {"email": "ada@example.com", "email_verified": True}


def claims(userinfo: Any = None, id_token: Any = None) -> str:
    return json.dumps({"userinfo": userinfo or {}, "id_token": id_token or {}})


@on_both
def test_a_claim_is_given_where_it_was_asked_for_and_with_each_refresh(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    asked = claims({"email": {"essential": True}}, {"name": None, "birthdate": {"essential": True}, "auth_time": None})
    tokens = portal.sign_in(browser, scope="openid offline_access", claims=asked)
    for each in (tokens, portal.refreshed(tokens)):
        assert provider.userinfo(each.access_token).get_json() == {"sub": provider.people["ada"], **EMAIL}
        assert (each.id_claims["name"], "email" in each.id_claims) == ("Ada Example", False)
    assert tokens.body["scope"] == "openid offline_access"


def test_what_nextcloud_sends_in_every_request_signs_in(provider: Provider, browser: Browser) -> None:
    names = ("email", "name", "quota", "groups")
    asked = claims(*[dict.fromkeys(names)] * 2)
    tokens = provider.client("intranet").sign_in(browser, scope="openid email profile", claims=asked)
    assert {"email", "email_verified", "name"} <= tokens.id_claims.keys()
    assert not {"quota", "groups"} & tokens.id_claims.keys()


def test_the_person_is_asked_for_the_scope_that_opens_the_claim_and_remembered_for_it(
    browser: Browser, portal: RelyingParty
) -> None:
    portal.sign_in(browser, scope="openid")
    attempt = portal.ask(claims=claims({"email": None}))
    assert browser.open(portal.ask(claims=claims({"email": None}), prompt="none").url).error == "consent_required"
    page = browser.open(attempt.url)
    assert page.heading == "Allow Team portal?"
    assert "See your email address" in page.page.words
    assert "See your name and profile" not in page.page.words
    portal.finish(attempt, browser.allow(page))
    for later in (portal.ask(claims=claims({"email": None})), portal.ask(scope="openid email")):
        portal.finish(later, browser.open(later.url))


def test_a_claim_of_a_scope_that_the_client_may_not_have_is_not_given_and_no_error(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    notes = provider.client("notes")
    tokens = notes.sign_in(browser, claims=claims({"name": None, "email": None}, {"name": {"essential": True}}))
    assert provider.userinfo(tokens.access_token).get_json() == {"sub": provider.people["ada"], **EMAIL}
    assert "name" not in tokens.id_claims
    # And a scope that it loses takes its claims along.
    tokens = portal.sign_in(browser, claims=claims({"name": None, "email": None}))
    provider.amend("    consent: once\n", "    consent: once\n    scopes: [openid, email]\n")
    assert provider.userinfo(tokens.access_token).get_json() == {"sub": provider.people["ada"], **EMAIL}


def test_a_token_that_was_narrowed_gives_the_claims_of_what_it_gave_up_no_more(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    asked = claims({"name": None, "email": None}, {"email": None})
    tokens = portal.sign_in(browser, scope="openid email offline_access", claims=asked)
    narrow = portal.refreshed(tokens, scope="openid")
    assert provider.userinfo(narrow.access_token).get_json() == {"sub": provider.people["ada"], "name": "Ada Example"}
    assert "email" not in narrow.id_claims
    without = portal.refreshed(narrow, scope="email")
    assert provider.userinfo(without.access_token).status_code == 403


def test_without_openid_in_scope_claims_are_no_matter(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope="profile offline_access", claims=claims({"email": None}))
    assert provider.userinfo(tokens.access_token).status_code == 403
    assert portal.refreshed(tokens).body["scope"] == "profile offline_access"


@pytest.mark.parametrize(
    "value", ["not json", "[]", '{"userinfo": []}', "[" * 4000, '{"id_token":{"sub":{"value":1}}}']
)
def test_what_is_no_request_of_claims_is_an_error_to_the_client(
    browser: Browser, portal: RelyingParty, value: str
) -> None:
    landing = browser.open(portal.ask(claims=value).url)
    assert (landing.is_outside, landing.error) == (True, "invalid_request")


def test_an_essential_acr_that_is_reached_is_no_matter_and_one_that_is_not_ends_the_sign_in(
    browser: Browser, portal: RelyingParty
) -> None:
    def asking(acr: object) -> str:
        return claims(None, {"acr": acr})

    reached = portal.sign_in(browser, claims=asking({"essential": True, "values": ["2", "1"]}))
    assert reached.id_claims["acr"] == "1"
    assert portal.sign_in(browser, claims=asking({"value": "2"})).id_claims["acr"] == "1", "voluntary"
    attempt = portal.ask(claims=asking({"essential": True, "value": "2"}))
    assert browser.open(f"{attempt.url}&prompt=none").error == "login_required"
    # Another way to sign in might reach it: the person may try, once.
    page = browser.open(attempt.url)
    assert page.heading == "Confirm it’s you"
    landing = browser.sign_in(page, "ada")
    assert (landing.error, landing.answer["state"]) == ("unmet_authentication_requirements", attempt.state)


def test_an_answer_is_for_the_person_whom_the_request_names(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    ada, mia = provider.people["ada"], provider.people["mia"]
    portal.sign_in(browser, "ada")
    for sub in ({"value": ada}, {"values": [mia, ada]}):
        assert portal.sign_in(browser, claims=claims(None, {"sub": sub})).id_claims["sub"] == ada
    attempt = portal.ask(claims=claims({"sub": {"value": mia}}))
    assert browser.open(f"{attempt.url}&prompt=none").error == "login_required"
    page = browser.open(attempt.url)
    assert page.heading == "Sign in"
    assert portal.finish(attempt, portal.authorize(browser, attempt, "mia")).id_claims["sub"] == mia


def test_the_claims_of_one_request_are_not_those_of_another(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    with_email = portal.sign_in(browser, claims=claims({"email": None}))
    without = portal.sign_in(browser)
    assert "email" in provider.userinfo(with_email.access_token).get_json()
    assert "email" not in provider.userinfo(without.access_token).get_json()
