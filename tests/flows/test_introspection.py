"""Introspection: the truth for whom a token is meant, `{"active": false}` for everything else (RFC 7662 §2)."""

import pytest

from tests.flows.browser import Browser
from tests.flows.databases import on_both
from tests.flows.forgery import forgeries
from tests.flows.provider import START, Provider
from tests.flows.registry import CLIENTS_YAML, REPORTS, SECRETS, USERS
from tests.flows.relying_party import EVERYTHING, RelyingParty, basic

INACTIVE = {"active": False}


@on_both
def test_the_api_of_a_token_learns_all_that_is_in_it(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope=EVERYTHING)
    assert provider.introspect(tokens.access_token) == {
        "active": True,
        "token_type": "Bearer",
        "username": "ada",
        "auth_time": START,
        "acr": "1",
        "amr": ["pwd"],
        **{name: tokens.access_claims[name] for name in ("iss", "sub", "aud", "client_id", "iat", "exp", "jti")},
        "scope": EVERYTHING,
        "roles": ["user"],
        "permissions": ["read:reports", "write:reports"],
    }


@on_both
def test_a_token_for_another_api_is_none_of_the_callers_business(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    token = portal.sign_in(browser, resource=USERS).access_token
    assert provider.introspect(token, "reports") == INACTIVE
    assert provider.introspect(token, "users")["aud"] == USERS


def test_one_secret_serves_several_apis_where_its_entry_says_so_and_not_the_other_way_round(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = {audience: portal.sign_in(browser, resource=audience).access_token for audience in (REPORTS, USERS)}
    assert provider.declare(
        CLIENTS_YAML.replace(
            "    permissions: {read:reports", "    introspects: [users]\n    permissions: {read:reports"
        )
    )
    assert [provider.introspect(tokens[audience], "reports").get("aud") for audience in (REPORTS, USERS)] == [
        REPORTS,
        USERS,
    ]
    assert provider.introspect(tokens[USERS], "reports")["permissions"] == ["read:users"]
    assert provider.introspect(tokens[REPORTS], "users") == INACTIVE


def test_the_client_itself_may_ask_and_another_client_may_not(
    provider: Provider, browser: Browser, portal: RelyingParty, intranet: RelyingParty
) -> None:
    token = portal.sign_in(browser).access_token
    assert portal.post("/introspect", {"token": token}).get_json()["active"] is True
    assert intranet.post("/introspect", {"token": token}).get_json() == INACTIVE
    assert provider.client("nightly").post("/introspect", {"token": token}).get_json() == INACTIVE


def test_public_clients_and_strangers_may_not_ask(
    provider: Provider, browser: Browser, dashboard: RelyingParty
) -> None:
    token = dashboard.sign_in(browser).access_token
    for response in (
        dashboard.post("/introspect", {"token": token}),
        provider.post("/introspect", {"token": token}),
        provider.post("/introspect", {"token": token}, Authorization=f"Bearer {token}"),
    ):
        assert (response.status_code, response.get_json()["error"]) == (401, "invalid_client")


@on_both
def test_what_is_dead_forged_or_of_another_kind_is_exactly_inactive(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope=EVERYTHING)
    for name, forged in forgeries(provider, tokens).items():
        assert provider.introspect(forged) == INACTIVE, name
        assert portal.post("/introspect", {"token": forged}).get_json() == INACTIVE, name
    assert provider.is_alive(tokens.access_token)


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "id_token", "nonsense", '"\\', ""])
def test_the_hint_changes_nothing(provider: Provider, browser: Browser, portal: RelyingParty, hint: str) -> None:
    token = portal.sign_in(browser).access_token
    answer = provider.post(
        "/introspect", {"token": token, "token_type_hint": hint}, Authorization=basic("reports", SECRETS["reports"])
    )
    assert answer.get_json()["active"] is True


def test_without_a_token_it_is_an_error(provider: Provider) -> None:
    header = basic("reports", SECRETS["reports"])
    for data in ({}, {"token": ""}):
        refused = provider.post("/introspect", data, Authorization=header)
        assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_request")
    refused = provider.post("/introspect?token=x", {"token": "x"}, Authorization=header)
    assert refused.status_code == 400


def test_an_expired_token_is_inactive(provider: Provider, browser: Browser, portal: RelyingParty) -> None:
    token = portal.sign_in(browser, scope="openid offline_access").access_token
    provider.clock.pass_(1799)
    assert provider.is_alive(token)
    provider.clock.pass_(1)
    assert provider.introspect(token) == INACTIVE


def test_an_api_that_lost_its_entry_learns_nothing_more(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    token = portal.sign_in(browser).access_token
    provider.amend("audience: https://reports.example.com", "audience: https://other.example.com")
    assert provider.introspect(token) == INACTIVE
    assert portal.post("/introspect", {"token": token}).get_json()["aud"] == [REPORTS, provider.issuer]


def test_names_that_the_client_gave_the_claims_are_kept(provider: Provider, browser: Browser) -> None:
    answer = provider.introspect(provider.client("kiosk").sign_in(browser, "mia").access_token)
    assert answer["https://kiosk.example.com/roles"] == ["moderator"]
    assert answer["perms"] == ["read:reports", "write:reports"]
    assert "roles" not in answer


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
def test_other_methods_than_post_are_refused(provider: Provider, method: str) -> None:
    response = provider.call(method, "/introspect?token=x")
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")
