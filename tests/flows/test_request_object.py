"""Signed request objects (RFC 9101): by value and pushed; what stands in them counts, and nothing beside them."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.flows.assertions import ABSENT, assertion, key, request_object, with_key
from tests.flows.browser import Browser, Landing
from tests.flows.conftest import MakeProvider
from tests.flows.forged import forged
from tests.flows.provider import START, Provider
from tests.flows.registry import REPORTS
from tests.flows.relying_party import Attempt, RelyingParty

ISSUER = "http://localhost:8080"


@pytest.fixture
def vault(provider: Provider) -> RelyingParty:
    """A web application with a key, consent never asked."""
    return provider.client("vault")


def as_object(client: RelyingParty, attempt: Attempt, beside: dict[str, str] | None = None, **changes: Any) -> Attempt:
    """The same request as a request object, with nothing but the client's id, and `beside`, outside."""
    made = request_object(attempt, changes.pop("aud", client.provider.issuer), client.provider.clock.now, **changes)
    query = urlencode({"client_id": client.client_id, "request": made} | (beside or {}))
    return replace(attempt, url=f"{client.provider.issuer}/authorize?{query}")


def refused(landing: Landing) -> str:
    """Why, in words."""
    assert landing.error == "invalid_request_object", landing.answer
    return landing.answer["error_description"]


def test_a_signed_request_signs_a_person_in(browser: Browser, vault: RelyingParty) -> None:
    attempt = as_object(vault, vault.ask(scope="openid profile", resource=REPORTS))
    tokens = vault.finish(attempt, vault.authorize(browser, attempt))
    assert (tokens.id_claims["nonce"], tokens.access_claims["aud"]) == (attempt.nonce, REPORTS)


def test_a_signed_request_may_be_pushed(provider: Provider, browser: Browser, vault: RelyingParty) -> None:
    attempt = vault.ask()
    made = request_object(attempt, provider.issuer, START)
    answer = vault.post("/par", {"request": made, "state": "planted", "redirect_uri": "https://evil.example/"})
    assert answer.status_code == 201, answer.text
    query = urlencode({"client_id": "vault", "request_uri": answer.get_json()["request_uri"]})
    attempt = replace(attempt, url=f"{provider.issuer}/authorize?{query}")
    assert vault.finish(attempt, vault.authorize(browser, attempt)).id_claims["nonce"] == attempt.nonce
    for wrong in ("x", request_object(vault.ask(), "https://evil.example", START)):
        answer = vault.post("/par", {"request": wrong})
        assert answer.get_json()["error"] == "invalid_request_object"


def test_ensure_different_nonce_and_state_inside_and_outside_request_object(
    browser: Browser, vault: RelyingParty
) -> None:
    beside = {
        "state": "planted", "nonce": "planted", "scope": "openid email", "response_type": "code id_token",
        "redirect_uri": "https://evil.example/", "prompt": "none", "code_challenge": "x" * 43, "display": "popup",
    }  # fmt: skip
    attempt = as_object(vault, vault.ask(scope="openid"), beside)
    tokens = vault.finish(attempt, vault.authorize(browser, attempt))
    assert (tokens.id_claims["nonce"], tokens.body["scope"]) == (attempt.nonce, "openid")


def test_state_only_outside_request_object_not_used(browser: Browser, vault: RelyingParty) -> None:
    attempt = as_object(vault, vault.ask(state=None), {"state": "planted"})
    assert "state" not in vault.authorize(browser, attempt).answer


def test_ensure_request_object_with_redirect_uri(provider: Provider, browser: Browser, vault: RelyingParty) -> None:
    provider.amend(
        "[https://vault.example.com/callback]", "[https://vault.example.com/callback, https://vault.example.com/b]"
    )
    attempt = as_object(vault, vault.ask(), {"redirect_uri": "https://vault.example.com/b"})
    landing = vault.authorize(browser, attempt)
    assert landing.url.startswith("https://vault.example.com/callback?")
    # One that is not registered leads nowhere, whatever stands outside.
    evil = as_object(vault, vault.ask(redirect_uri="https://evil.example/"), {"redirect_uri": vault.redirect_uri})
    landing = browser.open(evil.url)
    assert (landing.status, landing.is_outside) == (400, False)


def test_ensure_request_object_without_redirect_uri_fails(browser: Browser, vault: RelyingParty) -> None:
    landing = browser.open(as_object(vault, vault.ask(redirect_uri=None), {"redirect_uri": vault.redirect_uri}).url)
    assert (landing.status, landing.is_outside) == (400, False)


def test_numbers_and_objects_stand_as_json_has_them(browser: Browser, vault: RelyingParty) -> None:
    claims = {"id_token": {"email": None, "acr": {"essential": True, "value": "1"}}}
    attempt = as_object(vault, vault.ask(), max_age=1000, claims=claims, resource=[REPORTS])
    tokens = vault.finish(attempt, vault.authorize(browser, attempt))
    assert (tokens.id_claims["email"], tokens.access_claims["aud"]) == ("ada@example.com", REPORTS)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"iss": ABSENT}, "iss and client_id must be the client that asks"),
        ({"iss": "portal"}, "iss and client_id must be"),
        ({"client_id": "portal"}, "iss and client_id must be"),
        ({"sub": "vault"}, "sub must not be the client_id"),
        ({"aud": ABSENT}, "aud must be the issuer"),
        ({"aud": "https://evil.example"}, "aud must be the issuer"),
        ({"aud": f"{ISSUER}/authorize"}, "aud must be the issuer"),
        ({"exp": ABSENT}, "exp must be a whole number of seconds"),
        ({"exp": START + 60.5}, "exp must be a whole number of seconds"),
        ({"exp": str(START + 60)}, "exp must be a whole number of seconds"),
        ({"exp": True}, "exp must be a whole number of seconds"),
        ({"exp": START - 30}, "it has expired"),
        ({"exp": START + 3601}, "exp is more than 60 minutes away"),
        ({"nbf": ABSENT, "exp": START + 3631}, "exp is more than 60 minutes away"),
        ({"nbf": "now"}, "nbf must be a whole number of seconds"),
        ({"nbf": START + 61}, "nbf is in the future"),
        ({"nbf": START - 3601}, "nbf is more than 60 minutes ago"),
        ({"request": "x"}, "cannot contain another"),
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "cannot contain another"),
        ({"state": ["x"]}, "neither text nor a whole number"),
        ({"nonce": True}, "neither text nor a whole number"),
        ({"state": "\ud800"}, "not JSON in UTF-8"),
        ({"state": "x\0"}, "neither text nor a whole number"),
        ({"max_age": 1.5}, "neither text nor a whole number"),
        ({"max_age": 10**400}, "neither text nor a whole number"),
        ({"resource": [[]]}, "neither text nor a whole number"),
        ({"header": {"typ": "client-authentication+jwt"}}, "another type of token"),
        ({"header": {"typ": "at+jwt"}}, "another type of token"),
        ({"by": key("EC", "stranger")}, "no key of its signer"),
    ],
)
def test_what_a_request_object_must_say_is_told_to_a_registered_uri(
    browser: Browser, vault: RelyingParty, changes: dict[str, Any], why: str
) -> None:
    attempt = as_object(vault, vault.ask(), {"redirect_uri": vault.redirect_uri, "state": "s"}, **changes)
    landing = browser.open(attempt.url)
    assert why in refused(landing)
    assert (landing.answer["state"], landing.url.startswith(vault.redirect_uri)) == ("s", True)
    # Without one it is told nowhere but here.
    unnamed = browser.open(as_object(vault, vault.ask(scope="openid"), {"scope": "openid"}, **changes).url)
    assert (unnamed.status, unnamed.is_outside) == (400, False)


def test_clocks_may_differ_and_audiences_be_several(browser: Browser, vault: RelyingParty) -> None:
    attempt = as_object(vault, vault.ask(), nbf=START + 8, aud=[ISSUER, "https://other.example"])
    assert browser.open(attempt.url).heading == "Sign in"
    attempt = as_object(vault, vault.ask(), nbf=ABSENT, header={"typ": ABSENT})
    assert browser.open(attempt.url).heading == "Sign in"


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "EdDSA"])
def test_the_algorithm_is_the_registered_one(
    provider: Provider, browser: Browser, vault: RelyingParty, alg: str
) -> None:
    with_key(provider, alg)
    assert browser.open(as_object(vault, vault.ask(), alg=alg).url).heading == "Sign in"
    other = {"RS256": "PS256", "PS256": "RS256"}.get(alg)
    if other is not None:
        provider.amend("    jwks: ", f"    request_object_signing_alg: {other}\n    jwks: ")
        beside = {"redirect_uri": vault.redirect_uri}
        assert "algorithm" in refused(browser.open(as_object(vault, vault.ask(), beside, alg=alg).url))


FORGED = forged({"iss": "vault", "client_id": "vault", "aud": ISSUER, "exp": START + 60, "response_type": "code"})


@pytest.mark.parametrize("name", sorted(FORGED))
def test_a_forged_request_object_is_refused(browser: Browser, vault: RelyingParty, name: str) -> None:
    query = urlencode({"client_id": "vault", "redirect_uri": vault.redirect_uri, "request": FORGED[name]})
    refused(browser.open(f"{ISSUER}/authorize?{query}"))


def test_a_client_assertion_is_no_request_object_and_the_other_way_around(
    provider: Provider, browser: Browser, vault: RelyingParty
) -> None:
    made = assertion("vault", provider.issuer, START)
    query = urlencode({"client_id": "vault", "redirect_uri": vault.redirect_uri, "request": made})
    assert "sub must not be" in refused(browser.open(f"{ISSUER}/authorize?{query}"))
    untyped = request_object(vault.ask(), provider.issuer, START, header={"typ": ABSENT}, jti="1")
    answer = vault.post("/token", {"grant_type": "client_credentials", "client_assertion": untyped})
    assert answer.status_code == 401


def test_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(
    browser: Browser, portal: RelyingParty
) -> None:
    landing = browser.open(portal.ask(request="eyJhbGciOiJub25lIn0.e30.").url)
    assert landing.error == "request_not_supported"


def test_signing_may_be_required(provider: Provider, browser: Browser, vault: RelyingParty) -> None:
    provider.amend("    jwks: ", "    require_signed_request_object: true\n    jwks: ")
    assert browser.open(vault.ask().url).error == "invalid_request"
    assert vault.push(vault.ask()).get_json()["error"] == "invalid_request"
    assert browser.open(as_object(vault, vault.ask()).url).heading == "Sign in"


def test_pushing_may_be_required_of_signed_requests_too(make_provider: MakeProvider) -> None:
    provider = make_provider(require_pushed_authorization_requests=True)
    vault = provider.client("vault")
    assert provider.browser().open(as_object(vault, vault.ask()).url).error == "invalid_request"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from([
    "iss", "aud", "exp", "nbf", "client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "claims",
    "max_age", "resource", "prompt", "ui_locales", "acr_values", "id_token_hint", "login_hint", "response_mode", "sub",
])  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(claims=st.dictionaries(NAMES, JSON, max_size=3), raw=st.text(st.characters(codec="utf-8"), max_size=40))
def test_whatever_a_request_object_says_it_is_taken_or_refused_cleanly(
    provider: Provider, vault: RelyingParty, claims: dict[str, Any], raw: str
) -> None:
    browser = provider.browser()
    for beside in ({}, {"redirect_uri": vault.redirect_uri}):
        landing = browser.open(as_object(vault, vault.ask(), beside, **claims).url)
        assert landing.status in {200, 303, 400}
        assert not landing.is_outside or landing.url.startswith(vault.redirect_uri)
        browser.open(f"{ISSUER}/authorize?{urlencode({'client_id': 'vault', 'request': raw} | beside)}")
    answer = vault.post("/par", {"request": request_object(vault.ask(), ISSUER, START, **claims)})
    assert answer.status_code in {201, 400}
    assert json.loads(answer.data)
