"""Scopes: what is asked, cut to what the client is registered for (RFC 6749 §3.3; OpenID Connect Core §5.4)."""

import pytest

from tests.flows.browser import Browser
from tests.flows.provider import Provider
from tests.flows.relying_party import RelyingParty


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        ("openid profile email offline_access", "openid email"),
        ("openid admin:all write:reports", "openid"),
        ("email openid openid", "openid email"),
    ],
)
def test_scopes_are_cut_to_what_the_client_is_registered_for_everywhere(
    provider: Provider, browser: Browser, asked: str, granted: str
) -> None:
    tokens = provider.client("notes").sign_in(browser, scope=asked)
    assert tokens.body["scope"] == granted
    assert tokens.access_claims["scope"] == granted
    claims = provider.userinfo(tokens.access_token).get_json()
    assert claims.keys() <= {"sub", "email", "email_verified"}


@pytest.mark.parametrize("scope", ["admin", "profile offline_access", "OPENID", "openid\u00a0email", "\\", '"'])
def test_a_scope_of_which_nothing_is_open_to_the_client_is_an_error(
    provider: Provider, browser: Browser, scope: str
) -> None:
    assert browser.open(provider.client("notes").ask(scope=scope).url).error == "invalid_scope"


def test_without_a_scope_there_is_a_token_and_nothing_about_the_person(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope=None)
    assert "scope" not in tokens.access_claims
    refused = provider.userinfo(tokens.access_token)
    assert (refused.status_code, refused.get_json()["error"]) == (403, "insufficient_scope")


def test_no_scope_gives_a_permission_that_the_roles_do_not_give(browser: Browser, portal: RelyingParty) -> None:
    tokens = portal.sign_in(browser, "gus", scope="openid write:reports delete:reports")
    assert tokens.access_claims["permissions"] == []
