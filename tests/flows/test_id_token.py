"""The ID token: signed with a published key, for one client, about one sign-in (OpenID Connect Core §2, §3.1.3)."""

import hashlib
from base64 import urlsafe_b64encode

import jwt
import pytest

from tests.flows.browser import Browser
from tests.flows.databases import on_both
from tests.flows.provider import START, Provider
from tests.flows.relying_party import EVERYTHING, RelyingParty


@on_both
def test_it_says_who_signed_in_when_how_and_for_whom(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    attempt = portal.ask(scope=EVERYTHING)
    landing = portal.authorize(browser, attempt)
    provider.clock.pass_(30)
    tokens = portal.finish(attempt, landing)
    claims = dict(tokens.id_claims)
    assert len(claims.pop("sid")) >= 20
    left_half = hashlib.sha256(tokens.access_token.encode()).digest()[:16]
    assert claims == {
        "iss": provider.issuer,
        "sub": provider.people["ada"],
        "aud": "portal",
        "iat": START + 30,
        "exp": START + 30 + 600,
        "auth_time": START,
        "amr": ["pwd"],
        "acr": "1",
        "nonce": attempt.nonce,
        "at_hash": urlsafe_b64encode(left_half).rstrip(b"=").decode(),
    }


def test_its_header_names_the_algorithm_and_a_published_key(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    header = jwt.get_unverified_header(portal.sign_in(browser).id_token)
    assert (header["alg"], header["typ"]) == ("RS256", "JWT")
    assert header["kid"] in {key["kid"] for key in provider.call("GET", "/jwks.json").get_json()["keys"]}


def test_a_client_that_asks_for_es256_gets_it(provider: Provider, browser: Browser) -> None:
    tokens = provider.client("kiosk").sign_in(browser)
    assert jwt.get_unverified_header(tokens.id_token)["alg"] == "ES256"
    assert tokens.id_claims["aud"] == "kiosk"
    assert jwt.get_unverified_header(tokens.access_token)["alg"] == "ES256"
    assert tokens.access_claims["client_id"] == "kiosk"


def test_the_published_keys_hold_no_private_member_and_are_strong(provider: Provider) -> None:
    keys = provider.call("GET", "/jwks.json").get_json()["keys"]
    assert {key["kty"] for key in keys} == {"RSA", "EC"}
    for key in keys:
        assert key.keys() <= {"kty", "kid", "use", "alg", "n", "e", "crv", "x", "y", "key_ops"}
        assert key["use"] == "sig"
        if key["kty"] == "RSA":
            assert len(key["n"]) >= 2048 * 4 // 24
    assert len({key["kid"] for key in keys}) == len(keys)


def test_a_nonce_comes_back_unchanged_whatever_characters_it_holds(browser: Browser, portal: RelyingParty) -> None:
    nonce = "\"\\ <b>é\u2028+%20&=;'"
    assert portal.sign_in(browser, nonce=nonce).id_claims["nonce"] == nonce


def test_without_a_nonce_there_is_no_nonce_claim(browser: Browser, portal: RelyingParty) -> None:
    assert "nonce" not in portal.sign_in(browser, nonce=None).id_claims


def test_at_refresh_auth_time_sub_sid_and_amr_stay_and_the_nonce_is_gone(
    provider: Provider, browser: Browser, portal: RelyingParty
) -> None:
    first = portal.sign_in(browser, scope=EVERYTHING)
    provider.clock.pass_(5000)
    again = portal.refreshed(first)
    before, after = first.id_claims_at(START), again.id_claims
    for name in ("iss", "aud", "sub", "sid", "amr", "auth_time"):
        assert after[name] == before[name]
    assert after["auth_time"] == START
    assert after["iat"] == START + 5000
    assert after["at_hash"] != before["at_hash"]
    assert "nonce" not in after


def test_two_clients_see_one_sid_in_one_browser_and_another_in_another(
    provider: Provider, browser: Browser, portal: RelyingParty, dashboard: RelyingParty
) -> None:
    sid = portal.sign_in(browser).id_claims["sid"]
    assert dashboard.sign_in(browser).id_claims["sid"] == sid
    assert portal.sign_in(provider.browser()).id_claims["sid"] != sid


def test_the_sid_is_not_the_cookie(browser: Browser, portal: RelyingParty) -> None:
    sid = portal.sign_in(browser).id_claims["sid"]
    assert sid not in (browser.cookie("authserver_session") or "")


def test_sub_is_the_same_for_every_client_and_sign_in_and_is_no_name(
    provider: Provider, browser: Browser, portal: RelyingParty, dashboard: RelyingParty
) -> None:
    subs = {client.sign_in(browser).id_claims["sub"] for client in (portal, dashboard)}
    subs.add(portal.sign_in(provider.browser()).id_claims["sub"])
    assert subs == {provider.people["ada"]}
    assert "ada" not in subs


@pytest.mark.parametrize("scope", [None, "profile", "email offline_access"])
def test_without_openid_in_scope_there_is_no_id_token(
    browser: Browser, portal: RelyingParty, scope: str | None
) -> None:
    assert "id_token" not in portal.sign_in(browser, scope=scope).body


def test_claims_of_profile_and_email_are_left_to_userinfo(browser: Browser, portal: RelyingParty) -> None:
    claims = portal.sign_in(browser, scope=EVERYTHING).id_claims
    assert not claims.keys() & {"name", "email", "preferred_username", "roles", "permissions"}
