"""Scopes of APIs for people: a token does what was asked, of what client and person may (RFC 6749 §3.3, §6)."""

import pytest

from tests.flows.browser import Browser
from tests.flows.databases import on_both
from tests.flows.provider import Provider
from tests.flows.registry import REPORTS, USERS
from tests.flows.relying_party import RelyingParty, Tokens

PORTAL = "    apis: [reports, users]\n    consent: once"


def said(tokens: Tokens) -> tuple[object, object, object, bool]:
    """For whom a token is, its scope and permissions, and whether it says roles."""
    claims = tokens.access_claims
    assert tokens.body.get("scope") == claims.get("scope")
    return claims["aud"], claims.get("scope"), claims["permissions"], "roles" in claims


def limited(provider: Provider, apis: str, more: str = "") -> None:
    """Let the portal have of APIs what stands there."""
    provider.amend(PORTAL, f"    apis: {apis}\n    consent: once{more}")


@on_both
def test_a_token_does_what_was_asked_and_says_no_more_elsewhere(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope="openid offline_access read:reports")
    expected = ([REPORTS, provider.issuer], "openid offline_access read:reports", ["read:reports"], False)
    assert said(tokens) == expected
    refreshed = portal.refreshed(tokens)
    assert said(refreshed) == expected
    answer = provider.introspect(refreshed.access_token)
    assert (answer["scope"], answer["permissions"]) == ("openid offline_access read:reports", ["read:reports"])
    assert "roles" not in answer
    assert provider.userinfo(refreshed.access_token).status_code == 200


@on_both
def test_what_no_scope_narrows_is_all_that_the_client_may_have(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope="openid offline_access something:else")
    assert said(tokens) == (
        [REPORTS, provider.issuer],
        "openid offline_access",
        ["read:reports", "write:reports"],
        True,
    )


@on_both
def test_one_that_gets_nothing_unasked_gets_what_it_names(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    limited(provider, "[reports, users]", "\n    unasked: none")
    assert said(portal.sign_in(browser, scope="openid")) == ([REPORTS, provider.issuer], "openid", [], False)
    named = portal.sign_in(browser, scope="openid write:reports")
    assert said(named) == ([REPORTS, provider.issuer], "openid write:reports", ["write:reports"], False)


@on_both
def test_a_client_has_of_an_api_what_its_entry_says_at_most(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    limited(provider, "{reports: [read:reports, delete:reports], users: [read:users]}")
    unasked = portal.sign_in(browser, scope="openid")
    assert said(unasked) == ([REPORTS, provider.issuer], "openid read:reports", ["read:reports"], False)
    asked = portal.sign_in(browser, scope="openid write:reports read:reports")
    assert said(asked) == ([REPORTS, provider.issuer], "openid read:reports", ["read:reports"], False)
    # What is not open to it gives nothing, and never everything in its place.
    assert said(portal.sign_in(browser, scope="openid write:reports")) == (
        [REPORTS, provider.issuer],
        "openid",
        [],
        False,
    )
    assert browser.open(portal.ask(scope="write:reports").url).error == "invalid_scope"


def test_who_asks_for_every_permission_of_an_api_is_told_the_roles(browser: Browser, portal: RelyingParty) -> None:
    everything = "read:reports write:reports delete:reports"
    claims = portal.sign_in(browser, scope=f"openid {everything}").access_claims
    # The roles give two of the three, and that says what came out.
    assert (claims["scope"], claims["roles"]) == ("openid read:reports write:reports", ["user"])


def test_an_api_that_reads_roles_as_mere_names_keeps_them(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    provider.amend("audience: https://reports", "roles_are_names: true\n    audience: https://reports")
    claims = portal.sign_in(browser, scope="openid read:reports").access_claims
    assert (claims["permissions"], claims["roles"]) == (["read:reports"], ["user"])


@on_both
def test_scopes_alone_say_which_api_a_token_is_for(provider: Provider, browser: Browser, portal: RelyingParty) -> None:
    users = portal.sign_in(browser, scope="openid read:users")
    assert said(users) == ([USERS, provider.issuer], "openid read:users", ["read:users"], False)
    refused = portal.redeem(attempt := portal.ask(scope="openid read:users"), "")
    assert refused.status_code == 400
    code = portal.authorize(browser, attempt).answer["code"]
    elsewhere = portal.redeem(attempt, code, resource=REPORTS)
    assert (elsewhere.status_code, elsewhere.get_json()["error"]) == (400, "invalid_target")
    both = portal.sign_in(browser, scope="openid offline_access read:users read:reports")
    assert said(both) == ([REPORTS, provider.issuer], "openid offline_access read:reports", ["read:reports"], False)
    second = portal.refreshed(both, resource=USERS)
    assert said(second) == (USERS, "openid offline_access read:users", ["read:users"], False)
    named = portal.refreshed(second, scope="read:users")
    assert said(named) == (USERS, "read:users", ["read:users"], False)


@on_both
def test_of_two_apis_with_one_name_of_a_permission_resource_says_which(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    provider.amend("permissions: {read:users: See people,", "permissions: {read:users: See, read:reports: Look,")
    provider.amend("  user: [read:users,", "  user: [read:users,")
    first = portal.sign_in(browser, scope="openid offline_access read:reports")
    assert said(first)[0] == [REPORTS, provider.issuer]
    refused = portal.refresh(first.refresh_token, resource=USERS)
    assert refused.get_json()["error"] == "invalid_target"
    second = portal.sign_in(browser, scope="openid read:reports", resource=USERS)
    assert said(second) == (USERS, "openid read:reports", ["read:reports"], False)
    # That one API may be read says nothing of the other, though their permissions have one name.
    mixed = portal.sign_in(browser, scope="openid offline_access read:reports read:users")
    assert said(portal.refreshed(mixed, resource=USERS)) == (
        USERS,
        "openid offline_access read:users",
        ["read:users"],
        False,
    )


def test_a_resource_that_has_none_of_the_scopes_gives_nothing(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope="openid read:reports", resource=USERS)
    assert said(tokens) == (USERS, "openid", [], False)
    assert browser.open(portal.ask(scope="read:reports", resource=USERS).url).error == "invalid_scope"


@on_both
def test_a_refresh_narrows_one_token_and_never_the_grant(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope="openid offline_access read:reports write:reports")
    whole = said(tokens)
    narrow = portal.refreshed(tokens, scope="read:reports")
    assert said(narrow) == (REPORTS, "read:reports", ["read:reports"], False)
    assert "id_token" not in narrow.body
    # RFC 6749 §6: without scope, what was granted in the first place.
    again = portal.refreshed(narrow)
    assert said(again) == whole
    plain = portal.refreshed(again, scope="openid offline_access")
    assert said(plain) == ([REPORTS, provider.issuer], "openid offline_access", [], False)
    for more in ("delete:reports", "read:users", "read:reports delete:reports", "nonsense", f"{REPORTS}#read:reports"):
        refused = portal.refresh(plain.refresh_token, scope=more)
        assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_scope")
    assert said(portal.refreshed(plain)) == whole


@on_both
def test_a_refresh_may_narrow_what_nothing_had_narrowed(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope="openid offline_access")
    narrow = portal.refreshed(tokens, scope="openid write:reports")
    assert said(narrow) == ([REPORTS, provider.issuer], "openid write:reports", ["write:reports"], False)
    other = portal.refresh(narrow.refresh_token, scope="read:reports", resource=USERS)
    assert other.get_json()["error"] == "invalid_scope"
    assert "resource" in other.get_json()["error_description"]
    assert said(portal.refreshed(narrow))[2] == ["read:reports", "write:reports"]


@on_both
def test_a_permission_that_the_file_no_longer_has_never_widens_what_was_narrowed(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope="openid offline_access delete:reports")
    provider.amend(", delete:reports: Delete reports", "")
    refreshed = portal.refreshed(tokens)
    assert said(refreshed) == ([REPORTS, provider.issuer], "openid offline_access", [], False)


@on_both
def test_what_the_client_may_no_longer_have_is_gone_at_the_next_refresh_and_at_introspection_at_once(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    for scope in ("openid offline_access", "openid offline_access read:reports write:reports"):
        tokens = portal.sign_in(browser, scope=scope)
        limited(provider, "{reports: [read:reports], users: [read:users]}")
        answer = provider.introspect(tokens.access_token)
        assert (answer["permissions"], "roles" in answer) == (["read:reports"], False)
        assert "write:reports" not in answer["scope"]
        assert said(portal.refreshed(tokens))[2:] == (["read:reports"], False)
        provider.amend("    apis: {reports: [read:reports], users: [read:users]}\n    consent: once", PORTAL)


@on_both
def test_roles_of_later_give_what_was_allowed_and_roles_taken_away_take_it(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope="openid offline_access delete:reports")
    assert said(tokens)[2] == []
    provider.amend("  user: [read:users, read:reports, write:reports]", "  user: [read:users, delete:reports]")
    later = portal.refreshed(tokens)
    assert said(later)[1:3] == ("openid offline_access delete:reports", ["delete:reports"])
    provider.amend("  user: [read:users, delete:reports]", "  user: [read:users]")
    answer = provider.introspect(later.access_token)
    assert (answer["scope"], answer["permissions"]) == ("openid offline_access", [])


@on_both
def test_a_service_may_be_limited_too_and_made_to_name_what_it_wants(provider: Provider) -> None:
    nightly, grant = provider.client("nightly"), {"grant_type": "client_credentials"}
    provider.amend(
        "    apis: [reports, users]\n    roles: [moderator]",
        "    apis: {reports: [write:reports], users: [read:users]}\n    roles: [moderator]",
    )
    unasked = nightly.tokens(nightly.post("/token", grant))
    assert said(unasked) == (REPORTS, "write:reports", ["write:reports"], False)
    assert "roles" not in provider.introspect(unasked.access_token)
    assert said(nightly.tokens(nightly.post("/token", grant | {"scope": "read:users"})))[0] == USERS
    assert nightly.post("/token", grant | {"scope": "read:reports"}).get_json()["error"] == "invalid_scope"
    provider.amend("    roles: [moderator]", "    unasked: none\n    roles: [moderator]")
    refused = nightly.post("/token", grant).get_json()
    assert (refused["error"], "unasked" in refused["error_description"]) == ("invalid_scope", True)
    named = nightly.tokens(nightly.post("/token", grant | {"scope": "write:reports"}))
    assert said(named) == (REPORTS, "write:reports", ["write:reports"], False)


CLAIMS = "claims: {id_token: {roles: roles, permissions: may}, userinfo: {roles: roles, permissions: may}}"


@on_both
def test_userinfo_and_id_token_give_a_narrowed_token_no_more_than_was_allowed(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    provider.amend(PORTAL, f"{PORTAL}\n    {CLAIMS}")
    whole = portal.sign_in(browser, scope="openid offline_access")
    everything = ["read:reports", "read:users", "write:reports"]
    assert provider.userinfo(whole.access_token).get_json()["may"] == whole.id_claims["may"] == everything
    assert provider.userinfo(whole.access_token).get_json()["roles"] == ["user"]
    asked = portal.sign_in(browser, scope="openid offline_access read:reports write:reports")
    assert asked.id_claims["may"] == ["read:reports", "write:reports"]
    for narrow in (
        portal.refreshed(whole, scope="openid read:reports"),
        portal.refreshed(asked, scope="openid read:reports"),
    ):
        told = provider.userinfo(narrow.access_token).get_json()
        assert (told["may"], "roles" in told) == (["read:reports"], False)


@pytest.mark.parametrize("scope", ["write:users read:users", "read:users", "openid read:users"])
def test_a_narrowed_token_of_a_person_does_no_more_at_the_api_of_this_server(
    provider: Provider, browser: Browser, portal: RelyingParty, scope: str
) -> None:
    provider.amend(PORTAL, "    apis: [authserver]\n    claims: {access_token: {groups: groups}}\n    consent: once")
    tokens = portal.sign_in(browser, "root", scope=scope)
    header = {"Authorization": f"Bearer {tokens.access_token}"}
    new = {"username": "eve", "email": "eve@example.com", "roles": ["admin"]}
    assert provider.call("GET", "/api/v1/users", headers=header).status_code == 200
    # The token carries no permissions at all: what was asked still counts.
    assert provider.call("POST", "/api/v1/users", headers=header, json=new).status_code == 403
    assert provider.call("GET", "/api/v1/keys", headers=header).status_code == 403
