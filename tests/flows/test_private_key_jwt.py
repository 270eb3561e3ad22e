"""`private_key_jwt`: a client proves who it is by an assertion that it signs (OpenID Connect Core §9; RFC 7523)."""

import base64
import json
from typing import Any

import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from tests.flows.assertions import ABSENT, JWT_BEARER, assertion, key, kind_of, public, signed, with_key
from tests.flows.browser import Browser
from tests.flows.conftest import MakeProvider
from tests.flows.databases import always_on_both
from tests.flows.forged import forged
from tests.flows.provider import START, Provider
from tests.flows.registry import SECRETS
from tests.flows.relying_party import EVERYTHING
from tests.store.at_once import at_once

GRANT = {"grant_type": "client_credentials", "token": "x"}
ENDPOINTS = ["/token", "/revoke", "/introspect"]
CLAIMS = {"iss": "vault", "sub": "vault", "aud": "http://localhost:8080", "jti": "1", "exp": START + 60}
FORGED = forged(CLAIMS)


def post(provider: Provider, made: str, path: str = "/token", **data: str) -> TestResponse:
    sent = GRANT | {"client_assertion_type": JWT_BEARER, "client_assertion": made} | data
    return provider.post(path, sent)


def made(provider: Provider, **changes: Any) -> str:
    return assertion("vault", changes.pop("aud", provider.issuer), provider.clock.now, **changes)


def refused(response: TestResponse) -> str:
    """Why, in words."""
    assert (response.status_code, response.get_json()["error"]) == (401, "invalid_client"), response.text
    assert "WWW-Authenticate" not in response.headers
    return str(response.get_json()["error_description"])


def reason(provider: Provider) -> str:
    """What the audit says of the last refusal."""
    return str(provider.events("client:authentication:failed")[-1]["reason"])


@always_on_both
def test_ensure_client_assertion_with_iss_aud_succeeds(provider: Provider, browser: Browser) -> None:
    vault = provider.client("vault")
    tokens = vault.sign_in(browser, scope=EVERYTHING)
    again = vault.refreshed(tokens)
    assert again.access_claims["client_id"] == "vault"
    assert vault.post("/introspect", {"token": again.access_token}).get_json()["active"]
    assert vault.revoke(again.refresh_token).status_code == 200
    assert vault.refresh(again.refresh_token).get_json()["error"] == "invalid_grant"


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("audience", ["{}", "{}/token", ["{}"], ["{}", "{}/token"]])
def test_the_issuer_is_the_audience_or_the_token_endpoint(provider: Provider, endpoint: str, audience: Any) -> None:
    named = [each.format(provider.issuer) for each in audience] if isinstance(audience, list) else audience
    aud = named.format(provider.issuer) if isinstance(named, str) else named
    assert post(provider, made(provider, aud=aud), endpoint).status_code == 200
    assert post(provider, made(provider, aud=aud), endpoint, client_id="vault").status_code == 200


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"])
def test_each_algorithm_is_of_its_kind_of_key(provider: Provider, alg: str) -> None:
    with_key(provider, alg)
    assert post(provider, made(provider, alg=alg)).status_code == 200


def test_a_foreign_library_signs_what_is_accepted(provider: Provider) -> None:
    claims = {"iss": "vault", "sub": "vault", "aud": provider.issuer, "jti": "1", "exp": START + 60}
    written = jwt.encode(claims, key().as_pem(private=True), algorithm="ES256", headers={"kid": "one"})
    assert post(provider, written).status_code == 200


@pytest.mark.parametrize("pinned", ["RS256", "PS256"])
def test_ensure_signed_client_assertion_with_RS256_fails_where_another_is_pinned(  # noqa: N802 - the module's name
    provider: Provider, pinned: str
) -> None:
    with_key(provider, "RS256")
    provider.amend("    jwks: ", f"    token_endpoint_auth_signing_alg: {pinned}\n    jwks: ")
    for alg in ("RS256", "PS256"):
        answer = post(provider, made(provider, alg=alg))
        assert answer.status_code == (200 if alg == pinned else 401)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"iss": "portal"}, "has an iss or sub that is not the client_id"),
        ({"sub": "portal"}, "has an iss or sub that is not the client_id"),
        ({"sub": ABSENT}, "has an iss or sub that is not the client_id"),
        ({"iss": ABSENT}, "has an iss or sub that is not the client_id"),
        ({"sub": ["vault"]}, "has an iss or sub that is not the client_id"),
        ({"aud": ABSENT}, "has an aud that is not this server's issuer alone"),
        ({"aud": "https://evil.example"}, "has an aud that is not this server's issuer alone"),
        ({"aud": []}, "has an aud that is not this server's issuer alone"),
        ({"aud": {}}, "has an aud that is not this server's issuer alone"),
        ({"aud": ["http://localhost:8080", "https://evil.example"]}, "has an aud that is not"),
        ({"aud": "http://localhost:8080/"}, "has an aud that is not"),
        ({"aud": "http://localhost:8080/introspect"}, "has an aud that is not"),
        ({"jti": ABSENT}, "has no jti"),
        ({"jti": ""}, "has no jti"),
        ({"jti": 1}, "has no jti"),
        ({"exp": ABSENT}, "has no exp, or a time that is not a whole number of seconds"),
        ({"exp": START + 60.0}, "a time that is not a whole number"),
        ({"exp": str(START + 60)}, "a time that is not a whole number"),
        ({"exp": True}, "a time that is not a whole number"),
        ({"exp": None}, "a time that is not a whole number"),
        ({"exp": 10**30}, "is valid for more than 5 minutes"),
        ({"iat": "now"}, "a time that is not a whole number"),
        ({"exp": START - 300}, "has expired"),
        ({"exp": START - 30}, "has expired"),
        ({"exp": START + 301}, "is valid for more than 5 minutes"),
        ({"iat": ABSENT, "exp": START + 331}, "is valid for more than 5 minutes"),
        ({"nbf": START + 61}, "is from the future"),
        ({"iat": START + 61, "exp": START + 70}, "is from the future"),
    ],
)
def test_what_the_claims_must_say_is_told_to_who_signs_with_the_clients_key(
    provider: Provider, changes: dict[str, Any], why: str
) -> None:
    said = refused(post(provider, made(provider, **changes), client_id="vault"))
    assert said.startswith("The client assertion ")
    assert why in said
    assert why in reason(provider)


def test_jwt_client_assertions_nbf_8_seconds_in_the_future_is_accepted(provider: Provider) -> None:
    assert post(provider, made(provider, nbf=START + 8, iat=START + 8)).status_code == 200


def test_an_assertion_lives_5_minutes_and_its_jti_is_remembered_all_the_while(provider: Provider) -> None:
    longest = made(provider, exp=START + 300)
    assert post(provider, longest).status_code == 200
    for seconds in (1, 298, 30):
        provider.clock.pass_(seconds)
        assert "was used before" in refused(post(provider, longest))
    provider.clock.pass_(1)
    assert "has expired" in refused(post(provider, longest))


@always_on_both
def test_of_many_at_once_at_any_endpoint_and_worker_one_assertion_is_accepted(make_provider: MakeProvider) -> None:
    workers = [make_provider() for _ in range(2)]
    once = made(workers[0])
    answers = at_once(lambda number: post(workers[number % 2], once, ENDPOINTS[number % 3]).status_code)
    assert sorted(answers) == [200] + [401] * (len(answers) - 1)


def test_two_clients_may_choose_the_same_jti(provider: Provider) -> None:
    text = provider.clients_file.read_text()
    entry = text[text.index("  - client_id: vault") :]
    assert provider.declare(text + entry.replace("client_id: vault", "client_id: safe"))
    assert post(provider, made(provider, jti="1")).status_code == 200
    assert post(provider, assertion("safe", provider.issuer, START, jti="1")).status_code == 200
    assert "used before" in refused(post(provider, made(provider, jti="1")))


def test_an_assertion_that_is_refused_does_not_spend_its_jti(provider: Provider) -> None:
    refused(post(provider, made(provider, jti="1", aud="https://evil.example")))
    refused(post(provider, assertion("vault", provider.issuer, START, jti="1", by=key("EC", "another"))))
    assert post(provider, made(provider, jti="1")).status_code == 200


@pytest.mark.parametrize("name", sorted(FORGED))
def test_a_forged_assertion_is_refused_like_a_wrong_secret(provider: Provider, name: str) -> None:
    said = refused(post(provider, FORGED[name], client_id="vault"))
    assert said.startswith("Client authentication failed")
    assert provider.events("client:authentication:failed")


def test_an_unknown_client_and_a_foreign_key_look_alike(provider: Provider) -> None:
    stranger = key("EC", "stranger")
    answers = {
        post(provider, assertion(client_id, provider.issuer, START, by=stranger)).data
        for client_id in ("vault", "portal", "dashboard", "reports", "nobody")
    }
    assert len(answers) == 1


def test_an_assertion_is_one_way_and_nothing_goes_beside_it(provider: Provider) -> None:
    for more in ({"client_secret": "x"}, {"client_id": "portal", "client_secret": SECRETS["portal"]}):
        assert post(provider, made(provider), **more).get_json()["error"] == "invalid_request"
    sent = GRANT | {"client_assertion_type": JWT_BEARER, "client_assertion": made(provider)}
    both = provider.post("/token", sent, Authorization="Basic dmF1bHQ6eA==")
    assert both.get_json()["error"] == "invalid_request"
    refused(post(provider, made(provider), client_id="portal"))
    refused(
        post(provider, made(provider), client_assertion_type="urn:ietf:params:oauth:client-assertion-type:saml2-bearer")
    )
    refused(provider.post("/token", GRANT | {"client_id": "vault"}))
    refused(provider.post("/token", GRANT | {"client_id": "vault", "client_secret": "x"}))


def test_a_token_of_this_server_is_no_assertion(provider: Provider, browser: Browser) -> None:
    tokens = provider.client("vault").sign_in(browser)
    for token in (tokens.access_token, tokens.id_token):
        refused(post(provider, token, client_id="vault"))


def test_failed_assertions_are_not_counted_and_wrong_secrets_are(make_provider: MakeProvider) -> None:
    provider = make_provider(client_auth_limit="3 per hour")
    for _ in range(5):
        refused(post(provider, made(provider, by=key("EC", "stranger"))))
    wrong = [provider.post("/token", GRANT | {"client_id": "vault", "client_secret": "x"}) for _ in range(4)]
    assert [each.status_code for each in wrong] == [401, 401, 401, 429]
    assert post(provider, made(provider)).status_code == 200


def test_a_second_key_is_chosen_by_its_kid(provider: Provider) -> None:
    two = public(key(), key("EC", "two"), key("RSA", "three"))
    provider.amend(json.dumps(public(key())), json.dumps(two))
    assert post(provider, made(provider)).status_code == 200
    assert post(provider, made(provider, by=key("EC", "two"))).status_code == 200
    assert post(provider, made(provider, alg="PS256", by=key("RSA", "three"))).status_code == 200
    # Without a kid it could be either.
    refused(post(provider, made(provider, header={"kid": ABSENT})))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(["iss", "sub", "aud", "exp", "iat", "nbf", "jti", "alg", "kid", "typ", "crit", "jwk", "x5c"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(claims=st.dictionaries(NAMES, JSON, max_size=3), header=st.dictionaries(NAMES, JSON, max_size=3))
def test_whatever_an_assertion_says_it_is_accepted_or_refused_cleanly(
    provider: Provider, claims: dict[str, object], header: dict[str, object]
) -> None:
    head = {"alg": "ES256", "kid": "one"} | header
    body = {"iss": "vault", "sub": "vault", "aud": provider.issuer, "jti": "1", "exp": START + 60} | claims
    answer = post(provider, signed(head, body, key(), "ES256"), client_id="vault")
    assert answer.status_code in {200, 401}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(st.binary(max_size=40), max_size=5), raw=st.text(st.characters(codec="utf-8"), max_size=60))
def test_whatever_stands_in_its_place_is_refused_cleanly(provider: Provider, parts: list[bytes], raw: str) -> None:
    for text in (raw, ".".join(base64.urlsafe_b64encode(part).decode() for part in parts)):
        answer = post(provider, text)
        assert answer.get_json()["error"] in {"invalid_client", "invalid_request"}


def test_kinds_of_keys_are_those_of_the_algorithms() -> None:
    assert [kind_of(alg) for alg in ("RS256", "PS256", "ES256", "EdDSA")] == ["RSA", "RSA", "EC", "OKP"]
