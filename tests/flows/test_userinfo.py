"""Userinfo: what the scope of a living access token opens, by Bearer header alone (OpenID Connect Core §5.3)."""

import pytest

from tests.flows.browser import Browser
from tests.flows.databases import on_both
from tests.flows.forgery import forgeries
from tests.flows.provider import START, Provider
from tests.flows.registry import USERS
from tests.flows.relying_party import EVERYTHING, RelyingParty

OFFLINE = "openid offline_access"


@on_both
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_it_tells_what_the_scopes_open(provider: Provider, browser: Browser, portal: RelyingParty, method: str) -> None:
    tokens = portal.sign_in(browser, scope="openid profile email")
    answer = provider.userinfo(tokens.access_token, method)
    assert answer.status_code == 200
    assert answer.get_json() == {
        "sub": provider.people["ada"],
        "name": "Ada Example",
        "preferred_username": "ada",
        "updated_at": START - 1000,
        "email": "ada@example.com",
        "email_verified": True,
    }
    assert answer.get_json()["sub"] == tokens.id_claims["sub"]


@pytest.mark.parametrize(
    ("scope", "claims"),
    [
        ("openid", {"sub"}),
        ("openid email", {"sub", "email", "email_verified"}),
        ("openid profile", {"sub", "name", "preferred_username", "updated_at"}),
        ("openid offline_access", {"sub"}),
    ],
)
def test_each_scope_opens_its_own_claims(
    provider: Provider, browser: Browser, portal: RelyingParty, scope: str, claims: set[str]
) -> None:
    token = portal.sign_in(browser, scope=scope).access_token
    assert provider.userinfo(token).get_json().keys() == claims


@on_both
def test_a_token_that_was_asked_for_with_resource_is_for_that_api_alone_and_is_refused(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope="openid email offline_access", resource=USERS)
    # What a token of such an authorization is for does not change by not naming the resource again.
    for each in (tokens, portal.refreshed(tokens)):
        refused = provider.userinfo(each.access_token)
        assert refused.status_code == 401
        assert 'error="invalid_token"' in refused.headers["WWW-Authenticate"]
        assert "without resource" in refused.get_json()["error_description"]


def test_a_token_that_was_refreshed_with_resource_is_refused_and_the_next_one_without_is_not(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope="openid email offline_access")
    narrow = portal.refreshed(tokens, resource=USERS)
    assert provider.userinfo(narrow.access_token).status_code == 401
    assert provider.userinfo(portal.refreshed(narrow).access_token).get_json()["email"] == "ada@example.com"


def test_without_openid_in_scope_it_is_refused(provider: Provider, browser: Browser, portal: RelyingParty) -> None:
    refused = provider.userinfo(portal.sign_in(browser, scope="profile").access_token)
    assert refused.status_code == 403
    challenge = refused.headers["WWW-Authenticate"]
    assert challenge == 'Bearer realm="authserver", error="insufficient_scope", scope="openid"'


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic x", "Token x"])
def test_without_a_token_there_is_a_challenge_without_an_error(provider: Provider, header: str | None) -> None:
    refused = provider.call("GET", "/userinfo", headers={} if header is None else {"Authorization": header})
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == 'Bearer realm="authserver"'


def test_a_token_is_never_read_from_the_query_or_a_cookie(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    token = portal.sign_in(browser).access_token
    assert provider.call("GET", f"/userinfo?access_token={token}").status_code == 401
    assert provider.post(f"/userinfo?access_token={token}", {}).status_code == 401
    assert browser.client.get(f"{provider.issuer}/userinfo").status_code == 401


def test_a_token_may_stand_in_the_form_of_a_post(provider: Provider, browser: Browser, portal: RelyingParty) -> None:
    token = portal.sign_in(browser, scope="openid email").access_token
    assert provider.post("/userinfo", {"access_token": token}).get_json()["email"] == "ada@example.com"
    assert provider.post("/userinfo", {"access_token": token + "x"}).status_code == 401
    assert provider.post("/userinfo", {"access_token": ""}).status_code == 401
    # Of another kind of body nothing is read (RFC 6750 §2.2), and neither of that of a GET.
    assert provider.call("POST", "/userinfo", json={"access_token": token}).status_code == 401
    assert provider.call("GET", "/userinfo", data={"access_token": token}).status_code == 401


def test_a_token_in_two_places_is_refused(provider: Provider, browser: Browser, portal: RelyingParty) -> None:
    token = portal.sign_in(browser).access_token
    header = {"Authorization": f"Bearer {token}"}
    answers = [
        provider.post("/userinfo", {"access_token": token}, **header),
        provider.post("/userinfo", {"access_token": "another"}, **header),
        provider.post("/userinfo", {"access_token": token}, Authorization="Basic eDp4"),
        provider.post("/userinfo", {"access_token": [token, token]}),
        provider.post(f"/userinfo?access_token={token}", {"access_token": token}),
        provider.call("GET", f"/userinfo?access_token={token}", headers=header),
    ]
    assert [(each.status_code, each.get_json()["error"]) for each in answers] == [(400, "invalid_request")] * 6


@on_both
def test_forged_tokens_and_tokens_of_another_kind_are_refused(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope=EVERYTHING)
    for name, forged in forgeries(provider, tokens).items():
        refused = provider.userinfo(forged)
        assert refused.status_code == 401, name
        assert 'error="invalid_token"' in refused.headers["WWW-Authenticate"]
    assert provider.userinfo(tokens.access_token).status_code == 200


def test_an_expired_token_is_refused(provider: Provider, browser: Browser, portal: RelyingParty) -> None:
    token = portal.sign_in(browser, scope=OFFLINE).access_token
    provider.clock.pass_(1799)
    assert provider.userinfo(token).status_code == 200
    provider.clock.pass_(1)
    assert provider.userinfo(token).status_code == 401


@on_both
@pytest.mark.parametrize("ending", ["revoked", "authorization", "disabled", "signed out"])
def test_a_token_dies_with_what_it_hangs_on(
    provider: Provider, browser: Browser, portal: RelyingParty, ending: str
) -> None:
    tokens = portal.sign_in(browser, scope="openid")
    assert provider.userinfo(tokens.access_token).status_code == 200
    if ending == "revoked":
        portal.revoke(tokens.access_token)
    elif ending == "authorization":
        portal.revoke(tokens.refresh_token)
    elif ending == "disabled":
        provider.disable("ada")
    else:
        browser.submit(browser.open("/"), "Sign out")
    assert provider.userinfo(tokens.access_token).status_code == 401
    assert provider.introspect(tokens.access_token) == {"active": False}


def test_a_token_of_a_client_that_is_no_longer_declared_tells_nothing(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    token = portal.sign_in(browser, scope=OFFLINE).access_token
    provider.amend("client_id: portal", "client_id: another")
    assert provider.userinfo(token).status_code == 401
    assert provider.introspect(token) == {"active": False}


def test_a_scope_that_its_client_has_lost_opens_nothing(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    token = portal.sign_in(browser, scope="openid profile email").access_token
    assert {"email", "name"} <= provider.userinfo(token).get_json().keys()
    provider.amend("    consent: once\n", "    consent: once\n    scopes: [openid, profile]\n")
    claims = provider.userinfo(token).get_json()
    assert "email" not in claims
    assert "name" in claims


def test_a_token_that_was_refreshed_for_less_opens_no_more_than_that(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    tokens = portal.sign_in(browser, scope="openid profile email")
    narrow = portal.refreshed(tokens, scope="openid").access_token
    assert provider.userinfo(narrow).get_json() == {"sub": provider.people["ada"]}


def test_an_offline_token_outlives_the_session(provider: Provider, browser: Browser, portal: RelyingParty) -> None:
    token = portal.sign_in(browser, scope=OFFLINE).access_token
    browser.submit(browser.open("/"), "Sign out")
    assert provider.userinfo(token).status_code == 200
    assert provider.is_alive(token)
