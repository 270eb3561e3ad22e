"""Revocation: a client gives back its own tokens, and nobody else's (RFC 7009 §2)."""

import pytest

from authserver.store.upkeep import cleanup
from tests.flows.browser import Browser
from tests.flows.databases import on_both
from tests.flows.forgery import forgeries
from tests.flows.provider import Provider
from tests.flows.relying_party import EVERYTHING, RelyingParty

OFFLINE = "openid offline_access"


@on_both
@pytest.mark.parametrize("client_id", ["portal", "intranet", "dashboard", "terminal"])
def test_a_revoked_refresh_token_ends_the_authorization_with_its_access_tokens(
    provider: Provider, browser: Browser, client_id: str
) -> None:
    client = provider.client(client_id)
    first = client.sign_in(browser, scope=OFFLINE)
    second = client.refreshed(first)
    response = client.revoke(second.refresh_token)
    assert (response.status_code, response.data) == (200, b"")
    assert client.refresh(second.refresh_token).get_json()["error"] == "invalid_grant"
    for tokens in (first, second):
        assert provider.userinfo(tokens.access_token).status_code == 401
    (event,) = provider.events("token:refresh_token:revoked")
    assert event["client_id"] == client_id


@on_both
def test_a_revoked_access_token_ends_alone(provider: Provider, browser: Browser, portal: RelyingParty) -> None:
    first = portal.sign_in(browser, scope=OFFLINE)
    second = portal.refreshed(first)
    assert portal.revoke(first.access_token).status_code == 200
    assert not provider.is_alive(first.access_token)
    assert provider.userinfo(first.access_token).status_code == 401
    assert provider.is_alive(second.access_token)
    assert provider.is_alive(portal.refreshed(second).access_token)


@on_both
def test_a_revoked_access_token_stays_so_when_a_machine_that_is_a_minute_ahead_cleans_up(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope=OFFLINE)
    ends = tokens.access_claims["exp"]
    portal.revoke(tokens.access_token)
    provider.clock.now = ends - 1
    cleanup.delete_expired(provider.database, ends + 58, 86400, lambda _took: True)
    assert not provider.is_alive(tokens.access_token)
    assert provider.userinfo(tokens.access_token).status_code == 401
    assert "revoked_access_tokens" in cleanup.delete_expired(provider.database, ends + 60, 86400, lambda _took: True)


def test_a_refresh_token_that_was_replaced_still_ends_its_authorization(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    first = portal.sign_in(browser, scope=OFFLINE)
    second = portal.refreshed(first)
    assert portal.revoke(first.refresh_token).status_code == 200
    assert portal.refresh(second.refresh_token).get_json()["error"] == "invalid_grant"


@on_both
@pytest.mark.parametrize("stranger", ["intranet", "dashboard", "nightly"])
def test_a_stranger_is_answered_the_same_and_changes_nothing(
    provider: Provider, browser: Browser, portal: RelyingParty, stranger: str
) -> None:
    tokens = portal.sign_in(browser, scope=OFFLINE)
    for token in (tokens.refresh_token, tokens.access_token):
        response = provider.client(stranger).revoke(token)
        assert (response.status_code, response.data) == (200, b"")
    assert provider.is_alive(tokens.access_token)
    portal.refreshed(tokens)
    assert provider.events("token:access_token:revoked") == []
    assert provider.events("token:refresh_token:revoked") == []


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "nonsense", '"\\', ""])
@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_a_wrong_or_unknown_hint_still_finds_the_token(
    provider: Provider, browser: Browser, portal: RelyingParty, kind: str, hint: str
) -> None:
    tokens = portal.sign_in(browser, scope=OFFLINE)
    assert portal.revoke(tokens.body[kind], token_type_hint=hint).status_code == 200
    assert not provider.is_alive(tokens.access_token)


@on_both
def test_unknown_forged_and_dead_tokens_are_200_and_do_nothing(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope=EVERYTHING)
    given = {name: token for name, token in forgeries(provider, tokens).items() if name != "a refresh token"}
    for name, forged in given.items():
        assert portal.revoke(forged).status_code == 200, name
    assert provider.is_alive(tokens.access_token)
    for _ in range(2):
        assert portal.revoke(tokens.refresh_token).status_code == 200
        assert portal.revoke(tokens.access_token).status_code == 200


def test_a_confidential_client_must_authenticate(provider: Provider, browser: Browser, portal: RelyingParty) -> None:
    tokens = portal.sign_in(browser, scope=OFFLINE)
    for data in ({}, {"client_id": "portal"}, {"client_id": "portal", "client_secret": "wrong"}):
        refused = provider.post("/revoke", {"token": tokens.refresh_token} | data)
        assert (refused.status_code, refused.get_json()["error"]) == (401, "invalid_client")
    assert provider.is_alive(tokens.access_token)


def test_without_a_token_it_is_an_error(portal: RelyingParty) -> None:
    refused = portal.revoke("")
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
def test_other_methods_than_post_are_refused(provider: Provider, method: str) -> None:
    response = provider.call(method, "/revoke?token=x")
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")
