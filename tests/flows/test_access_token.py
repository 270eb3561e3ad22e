"""The access token: a JWT for one API, with roles and permissions of this moment (RFC 9068, RFC 8707)."""

import jwt
import pytest

from authserver.guard import Guard, InvalidTokenError
from authserver.guard.issuer.fetch import Document
from tests.flows.browser import Browser
from tests.flows.databases import on_both
from tests.flows.provider import START, Provider
from tests.flows.registry import REPORTS, USERS
from tests.flows.relying_party import EVERYTHING, RelyingParty
from tests.keys.moves import revoke, rotate

OFFLINE = "openid offline_access"


@on_both
def test_it_has_the_header_and_claims_of_rfc_9068(provider: Provider, browser: Browser, portal: RelyingParty) -> None:
    attempt = portal.ask(scope=EVERYTHING)
    landing = portal.authorize(browser, attempt)
    provider.clock.pass_(30)
    tokens = portal.finish(attempt, landing)
    header = jwt.get_unverified_header(tokens.access_token)
    assert header.keys() == {"alg", "kid", "typ"}
    assert (header["alg"], header["typ"]) == ("RS256", "at+jwt")
    claims = dict(tokens.access_claims)
    assert len(claims.pop("jti")) >= 22
    assert claims == {
        "iss": provider.issuer,
        "sub": provider.people["ada"],
        "aud": [REPORTS, provider.issuer],
        "client_id": "portal",
        "iat": START + 30,
        "exp": START + 30 + 1800,
        "auth_time": START,
        "acr": "1",
        "amr": ["pwd"],
        "scope": EVERYTHING,
        "roles": ["user"],
        "permissions": ["read:reports", "write:reports"],
    }


@pytest.mark.parametrize(
    ("username", "of_reports", "of_users"),
    [
        ("gus", ["read:reports"], []),
        ("ada", ["read:reports", "write:reports"], ["read:users"]),
        ("mia", ["read:reports", "write:reports"], ["read:users", "write:users"]),
        ("root", ["delete:reports", "read:reports", "write:reports"], ["read:users", "write:users"]),
    ],
)
def test_permissions_are_what_the_roles_give_of_the_api_in_question(
    browser: Browser, portal: RelyingParty, username: str, of_reports: list[str], of_users: list[str]
) -> None:
    tokens = portal.sign_in(browser, username, scope=OFFLINE)
    assert tokens.access_claims["permissions"] == of_reports
    assert portal.refreshed(tokens, resource=USERS).access_claims["permissions"] == of_users


def test_several_roles_add_up(provider: Provider, browser: Browser, portal: RelyingParty) -> None:
    provider.give_roles("gus", "guest", "admin")
    claims = portal.sign_in(browser, "gus").access_claims
    assert claims["roles"] == ["admin", "guest"]
    assert claims["permissions"] == ["delete:reports", "read:reports", "write:reports"]


@on_both
def test_roles_are_worked_out_anew_at_each_issue(provider: Provider, browser: Browser, portal: RelyingParty) -> None:
    attempt = portal.ask(scope=OFFLINE)
    landing = portal.authorize(browser, attempt)
    provider.give_roles("ada", "admin")
    tokens = portal.finish(attempt, landing)
    assert tokens.access_claims["roles"] == ["admin"]
    provider.give_roles("ada", "guest")
    tokens = portal.refreshed(tokens)
    assert tokens.access_claims["roles"] == ["guest"]
    assert tokens.access_claims["permissions"] == ["read:reports"]
    provider.give_roles("ada")
    assert portal.refreshed(tokens).access_claims["roles"] == ["user"], "the default role, where there is no other"


def test_permissions_follow_clients_yaml_at_the_next_issue(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope=OFFLINE)
    provider.amend("user: [read:users, read:reports, write:reports]", "user: [read:users]")
    assert portal.refreshed(tokens).access_claims["permissions"] == []


def test_a_role_that_no_file_declares_gives_nothing(provider: Provider, browser: Browser, portal: RelyingParty) -> None:
    provider.give_roles("ada", "emperor")
    claims = portal.sign_in(browser).access_claims
    assert (claims["roles"], claims["permissions"]) == ([], [])


def test_the_audience_is_the_api_asked_for_and_the_clients_first_by_default(
    browser: Browser, portal: RelyingParty, intranet: RelyingParty
) -> None:
    assert portal.sign_in(browser, scope="profile").access_claims["aud"] == REPORTS
    assert intranet.sign_in(browser, scope="profile").access_claims["aud"] == USERS
    assert portal.sign_in(browser, resource=USERS).access_claims["aud"] == USERS


def test_with_openid_in_scope_a_token_that_was_asked_for_without_resource_names_userinfo_as_well(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope=EVERYTHING)
    for each in (tokens, portal.refreshed(tokens)):
        assert each.access_claims["aud"] == [REPORTS, provider.issuer]
        assert each.access_claims["permissions"] == ["read:reports", "write:reports"]
        assert provider.is_alive(each.access_token)


def test_a_resource_server_takes_a_token_that_names_userinfo_beside_its_api(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    token = portal.sign_in(browser).access_token
    documents = {
        f"{provider.issuer}{path}": provider.call("GET", path).get_json()
        for path in ("/.well-known/openid-configuration", "/jwks.json")
    }
    guards = [
        Guard(provider.issuer, audience, clock=provider.clock, fetch=lambda url: Document(documents[url], None))
        for audience in (REPORTS, USERS)
    ]
    assert guards[0].verify(token).has_permission("write:reports")
    with pytest.raises(InvalidTokenError):
        guards[1].verify(token)


def test_a_client_may_ask_for_an_api_and_userinfo_by_name_and_gets_a_token_for_each(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    attempt = portal.ask(scope=OFFLINE)
    both = f"{attempt.url}&resource={USERS}&resource={provider.issuer}"
    landing = browser.allow(browser.sign_in(browser.open(both), "ada"))
    tokens = portal.finish(attempt, landing)
    assert tokens.access_claims["aud"] == USERS
    tokens = portal.refreshed(tokens, resource=provider.issuer)
    assert (tokens.access_claims["aud"], "permissions" in tokens.access_claims) == (provider.issuer, False)
    assert provider.userinfo(tokens.access_token).status_code == 200


def test_the_issuer_is_no_resource_without_openid_in_scope(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    asked = portal.ask(scope="profile", resource=provider.issuer)
    assert browser.open(asked.url).error == "invalid_target"


@pytest.mark.parametrize("resource", [USERS + "/", "HTTPS://USERS.example.com", "https://Users.Example.COM/"])
def test_a_resource_may_be_written_with_a_slash_at_the_root_and_in_upper_case_and_the_token_names_the_registered_one(
    provider: Provider, browser: Browser, portal: RelyingParty, resource: str
) -> None:
    nightly = provider.client("nightly")
    tokens = portal.sign_in(browser, scope=OFFLINE, resource=resource)
    assert tokens.access_claims["aud"] == USERS
    assert portal.refreshed(tokens, resource=resource).access_claims["aud"] == USERS
    data = {"grant_type": "client_credentials", "resource": resource}
    assert nightly.tokens(nightly.post("/token", data)).access_claims["aud"] == USERS


def test_a_token_request_may_choose_among_the_authorized_resources(browser: Browser, portal: RelyingParty) -> None:
    attempt = portal.ask()
    code = portal.authorize(browser, attempt).code
    assert portal.tokens(portal.redeem(attempt, code, resource=USERS)).access_claims["aud"] == USERS


@on_both
def test_a_resource_that_was_not_authorized_is_refused_and_does_not_burn_the_code(
    browser: Browser, portal: RelyingParty
) -> None:
    attempt = portal.ask(resource=REPORTS)
    code = portal.authorize(browser, attempt).code
    refused = portal.redeem(attempt, code, resource=USERS)
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_target")
    portal.tokens(portal.redeem(attempt, code))


def test_one_token_is_never_for_two_resources(provider: Provider, browser: Browser, portal: RelyingParty) -> None:
    attempt = portal.ask()
    both = browser.open(f"{attempt.url}&resource={REPORTS}&resource={USERS}")
    landing = browser.allow(browser.sign_in(both, "ada"))
    data = {
        "grant_type": "authorization_code",
        "code": landing.code,
        "redirect_uri": portal.redirect_uri,
        "code_verifier": attempt.verifier,
    }
    refused = portal.post("/token", data | {"resource": [REPORTS, USERS]})
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_target")
    assert portal.tokens(portal.post("/token", data | {"resource": [USERS]})).access_claims["aud"] == USERS


@pytest.mark.parametrize(
    "resource",
    ["https://unknown.example.com", REPORTS + "//", REPORTS + "/.", REPORTS + ":443", "reports", REPORTS + "/x", "\\"],
)
def test_an_unknown_resource_is_an_error_to_the_client(browser: Browser, portal: RelyingParty, resource: str) -> None:
    attempt = portal.ask(resource=resource)
    landing = browser.open(attempt.url)
    assert (landing.error, landing.answer["state"]) == ("invalid_target", attempt.state)


def test_a_resource_of_another_client_is_an_error(provider: Provider, browser: Browser) -> None:
    assert browser.open(provider.client("bank").ask(resource=USERS).url).error == "invalid_target"


def test_a_client_of_no_api_gets_a_token_for_userinfo_alone(provider: Provider, browser: Browser) -> None:
    tokens = provider.client("notes").sign_in(browser, scope="openid email")
    claims = tokens.access_claims
    assert claims["aud"] == provider.issuer
    assert not claims.keys() & {"roles", "permissions"}
    assert provider.userinfo(tokens.access_token).get_json()["email"] == "ada@example.com"


def test_lifetimes_are_the_clients_then_the_apis_then_the_servers(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    assert provider.client("kiosk").sign_in(browser).body["expires_in"] == 600
    assert portal.sign_in(browser, resource=USERS).body["expires_in"] == 300
    assert portal.sign_in(browser).body["expires_in"] == 1800


def test_a_client_may_give_the_claims_other_names(provider: Provider, browser: Browser) -> None:
    claims = provider.client("kiosk").sign_in(browser, "mia").access_claims
    assert claims["https://kiosk.example.com/roles"] == ["moderator"]
    assert claims["perms"] == ["read:reports", "write:reports"]
    assert not claims.keys() & {"roles", "permissions"}


def test_a_token_signed_before_a_rotation_of_keys_verifies_until_it_expires(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope=OFFLINE)
    keys = provider.app.server.keys
    rotate(keys, provider.clock.now, begins="at_once")
    provider.clock.pass_(1700)
    newer = portal.refreshed(tokens)
    kids = {jwt.get_unverified_header(each.access_token)["kid"] for each in (tokens, newer)}
    assert len(kids) == 2
    assert tokens.access_claims["client_id"] == newer.access_claims["client_id"]
    assert provider.is_alive(tokens.access_token)
    provider.clock.pass_(100)
    assert not provider.is_alive(tokens.access_token)


def test_what_a_revoked_key_signed_is_worth_nothing(provider: Provider, browser: Browser, portal: RelyingParty) -> None:
    tokens = portal.sign_in(browser, scope=OFFLINE)
    keys = provider.app.server.keys
    revoke(keys, jwt.get_unverified_header(tokens.access_token)["kid"], provider.clock.now)
    assert not provider.is_alive(tokens.access_token)
    assert provider.userinfo(tokens.access_token).status_code == 401
    assert provider.is_alive(portal.refreshed(tokens).access_token)
