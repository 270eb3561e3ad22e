"""Refresh tokens: replaced at every use, and a second use ends what they belong to (RFC 9700 §4.14, RFC 6749 §6)."""

import pytest

from tests.flows.browser import Browser
from tests.flows.conftest import MakeProvider
from tests.flows.databases import always_on_both
from tests.flows.provider import Provider
from tests.flows.registry import REPORTS, USERS
from tests.flows.relying_party import EVERYTHING, RelyingParty, Tokens

DAY = 86400
OFFLINE = "openid offline_access"


def assert_refused(client: RelyingParty, refresh_token: str) -> None:
    response = client.refresh(refresh_token)
    assert (response.status_code, response.get_json()["error"]) == (400, "invalid_grant")


@always_on_both
@pytest.mark.parametrize("client_id", ["portal", "dashboard"])
def test_every_use_gives_a_new_refresh_token_access_token_and_id_token(
    provider: Provider, browser: Browser, client_id: str
) -> None:
    client = provider.client(client_id)
    tokens = [client.sign_in(browser, scope=EVERYTHING)]
    for _ in range(3):
        provider.clock.pass_(100)
        tokens.append(client.refreshed(tokens[-1]))
    assert len({each.refresh_token for each in tokens}) == 4
    assert len({each.access_claims["jti"] for each in tokens}) == 4
    assert {each.body["scope"] for each in tokens} == {EVERYTHING}
    assert {each.id_claims["sub"] for each in tokens} == {provider.people["ada"]}


@always_on_both
def test_within_the_grace_the_token_just_replaced_gives_the_same_successor_again(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    first = portal.sign_in(browser, scope=OFFLINE)
    second = portal.refreshed(first)
    provider.clock.pass_(59)
    again = portal.refreshed(first)
    assert again.refresh_token == second.refresh_token
    assert again.access_token != second.access_token
    assert portal.refreshed(second).refresh_token != second.refresh_token


@always_on_both
def test_after_the_grace_a_replaced_token_ends_the_authorization_with_all_its_tokens(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    first = portal.sign_in(browser, scope=OFFLINE)
    second = portal.refreshed(first)
    provider.clock.pass_(60)
    assert_refused(portal, first.refresh_token)
    assert_refused(portal, second.refresh_token)
    assert not provider.is_alive(second.access_token)
    assert provider.userinfo(second.access_token).status_code == 401
    assert len(provider.events("token:refresh_token:replayed")) == 1


@always_on_both
def test_within_the_grace_a_token_whose_successor_was_used_is_a_replay(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    first = portal.sign_in(browser, scope=OFFLINE)
    second = portal.refreshed(first)
    third = portal.refreshed(second)
    assert_refused(portal, first.refresh_token)
    assert_refused(portal, third.refresh_token)
    assert not provider.is_alive(third.access_token)


def test_without_grace_the_second_use_is_a_replay_at_once(make_provider: MakeProvider) -> None:
    provider = make_provider(refresh_grace=0)
    portal = provider.client("portal")
    first = portal.sign_in(provider.browser(), scope=OFFLINE)
    second = portal.refreshed(first)
    assert_refused(portal, first.refresh_token)
    assert_refused(portal, second.refresh_token)


def test_two_authorizations_of_one_person_end_separately(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    one, other = portal.sign_in(browser, scope=OFFLINE), portal.sign_in(browser, scope=OFFLINE)
    second = portal.refreshed(one)
    portal.refreshed(second)
    assert_refused(portal, one.refresh_token)
    assert provider.is_alive(other.access_token)
    portal.refreshed(other)


@always_on_both
@pytest.mark.parametrize("thief", ["intranet", "dashboard"])
def test_another_client_can_neither_use_nor_burn_a_refresh_token(
    provider: Provider, browser: Browser, portal: RelyingParty, thief: str
) -> None:
    tokens = portal.sign_in(browser, scope=OFFLINE)
    assert_refused(provider.client(thief), tokens.refresh_token)
    successor = portal.refreshed(tokens)
    provider.clock.pass_(120)
    # The thief holds a spent one, too: only its owner's second use is a replay.
    assert_refused(provider.client(thief), tokens.refresh_token)
    portal.refreshed(successor)


def test_a_confidential_client_must_authenticate_to_refresh(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope=OFFLINE)
    data = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token, "client_id": "portal"}
    refused = provider.post("/token", data)
    assert (refused.status_code, refused.get_json()["error"]) == (401, "invalid_client")
    portal.refreshed(tokens)


def test_an_unused_refresh_token_ends_after_a_week(provider: Provider, browser: Browser, portal: RelyingParty) -> None:
    tokens = portal.sign_in(browser, scope=OFFLINE)
    provider.clock.pass_(7 * DAY - 1)
    tokens = portal.refreshed(tokens)
    provider.clock.pass_(7 * DAY)
    assert_refused(portal, tokens.refresh_token)


def test_rotation_never_carries_an_authorization_past_thirty_days(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope=OFFLINE)
    for _ in range(5):
        provider.clock.pass_(6 * DAY - 1)
        tokens = portal.refreshed(tokens)
    provider.clock.pass_(5)
    assert_refused(portal, tokens.refresh_token)


@always_on_both
def test_without_offline_access_a_refresh_token_ends_with_the_session(browser: Browser, portal: RelyingParty) -> None:
    bound, offline = portal.sign_in(browser, scope="openid"), portal.sign_in(browser, scope=OFFLINE)
    browser.submit(browser.open("/"), "Sign out")
    assert_refused(portal, bound.refresh_token)
    portal.refreshed(offline)


def test_without_offline_access_a_refresh_token_ends_when_the_session_does_by_itself(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    bound, offline = portal.sign_in(browser, scope="openid"), portal.sign_in(browser, scope=OFFLINE)
    provider.clock.pass_(3600)
    assert_refused(portal, bound.refresh_token)
    portal.refreshed(offline)


def test_a_refresh_is_a_sign_of_life_of_its_session_but_the_session_still_ends_at_its_age(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope="openid")
    for _ in range(12):
        provider.clock.pass_(3599)
        tokens = portal.refreshed(tokens)
    provider.clock.pass_(12)
    assert_refused(portal, tokens.refresh_token)


def test_a_narrower_scope_narrows_one_token_and_not_the_authorization(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope=EVERYTHING)
    narrow = portal.refreshed(tokens, scope="openid")
    assert (narrow.body["scope"], narrow.access_claims["scope"]) == ("openid", "openid")
    assert provider.userinfo(narrow.access_token).get_json() == {"sub": provider.people["ada"]}
    assert portal.refreshed(narrow).body["scope"] == EVERYTHING


def test_a_refresh_without_openid_in_scope_brings_no_id_token(browser: Browser, portal: RelyingParty) -> None:
    tokens = portal.sign_in(browser, scope=EVERYTHING)
    assert "id_token" not in portal.refreshed(tokens, scope="profile").body


@always_on_both
@pytest.mark.parametrize("scope", ["openid email", "openid admin", "x"])
def test_a_wider_scope_is_refused_and_leaves_the_token_unspent(
    browser: Browser, portal: RelyingParty, scope: str
) -> None:
    tokens = portal.sign_in(browser, scope=OFFLINE)
    refused = portal.refresh(tokens.refresh_token, scope=scope)
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_scope")
    portal.refreshed(tokens)


def test_each_refresh_may_ask_for_another_of_the_authorized_resources(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope=OFFLINE)
    assert tokens.access_claims["aud"] == [REPORTS, provider.issuer]
    tokens = portal.refreshed(tokens, resource=USERS)
    assert tokens.access_claims["aud"] == USERS
    tokens = portal.refreshed(tokens, resource=provider.issuer)
    assert tokens.access_claims["aud"] == provider.issuer
    assert portal.refreshed(tokens).access_claims["aud"] == [REPORTS, provider.issuer]


def test_a_refresh_for_a_scope_without_openid_gives_a_token_for_the_api_alone(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope="openid profile offline_access")
    narrow = portal.refreshed(tokens, scope="profile")
    assert narrow.access_claims["aud"] == REPORTS
    assert provider.userinfo(narrow.access_token).status_code == 403


@always_on_both
def test_a_resource_that_was_not_authorized_is_refused_and_leaves_the_token_unspent(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope=OFFLINE, resource=REPORTS)
    for resource in (USERS, "https://unknown.example.com", REPORTS + "//", provider.issuer):
        refused = portal.refresh(tokens.refresh_token, resource=resource)
        assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_target")
    portal.refreshed(tokens)


def test_a_client_without_the_refresh_grant_gets_no_refresh_token_and_may_not_use_one(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    notes = provider.client("notes")
    assert "refresh_token" not in notes.sign_in(browser, scope="openid offline_access email").body
    tokens = portal.sign_in(browser, scope=OFFLINE)
    refused = notes.refresh(tokens.refresh_token)
    assert (refused.status_code, refused.get_json()["error"]) == (400, "unauthorized_client")


@always_on_both
def test_a_disabled_person_gets_no_more_tokens_not_even_offline_and_not_when_enabled_again(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope=OFFLINE)
    provider.disable("ada")
    assert_refused(portal, tokens.refresh_token)
    assert not provider.is_alive(tokens.access_token)
    provider.enable("ada")
    assert_refused(portal, tokens.refresh_token)


def test_the_tokens_of_a_client_that_was_removed_are_worth_nothing_here(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope=OFFLINE)
    provider.amend("client_id: portal", "client_id: portal-2")
    refused = portal.refresh(tokens.refresh_token)
    assert (refused.status_code, refused.get_json()["error"]) == (401, "invalid_client")
    assert not provider.is_alive(tokens.access_token)


@always_on_both
def test_a_client_that_lost_offline_access_gets_no_token_past_the_session_and_until_then_keeps_it_alive(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope=OFFLINE)
    assert "offline_access" in provider.app.server.registry.clients["portal"].scopes
    provider.amend("    consent: once\n", "    consent: once\n    scopes: [openid, profile, email]\n")
    for _ in range(2):
        provider.clock.pass_(3599)
        tokens = portal.refreshed(tokens)
        assert tokens.body["scope"] == "openid"
    browser.submit(browser.open("/"), "Sign out")
    assert_refused(portal, tokens.refresh_token)


def test_a_replaced_token_stays_replaced_when_the_server_is_started_again_or_its_clock_is_set_back(
    make_provider: MakeProvider,
) -> None:
    provider = make_provider(refresh_grace=0)
    portal = provider.client("portal")
    first = portal.sign_in(provider.browser(), scope=OFFLINE)
    second = portal.refreshed(first)
    restarted = make_provider(refresh_grace=0)
    restarted.clock.pass_(-300)
    assert_refused(restarted.client("portal"), first.refresh_token)
    assert_refused(restarted.client("portal"), second.refresh_token)


@pytest.mark.parametrize("token", ["", "x", "é" * 10, "a.b.c", "x" * 10_000, "\x01"])
def test_what_was_never_a_refresh_token_is_refused(portal: RelyingParty, token: str) -> None:
    refused = portal.refresh(token)
    assert refused.status_code == 400
    assert refused.get_json()["error"] == ("invalid_grant" if token else "invalid_request")


@always_on_both
def test_two_servers_on_one_database_give_one_successor(make_provider: MakeProvider) -> None:
    one, other = make_provider(), make_provider()
    tokens = one.client("portal").sign_in(one.browser(), scope=OFFLINE)
    first: Tokens = one.client("portal").refreshed(tokens)
    second: Tokens = other.client("portal").refreshed(tokens)
    assert first.refresh_token == second.refresh_token
