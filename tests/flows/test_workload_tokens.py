"""Whatever is shown as the token of a workload, and whatever its issuer does: a refusal, or a token for its client."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.flows.assertions import ABSENT, b64, key, public, signed
from tests.flows.browser import Browser
from tests.flows.conftest import MakeProvider
from tests.flows.forged import forged
from tests.flows.provider import START, Provider
from tests.flows.workloads import MAIN, ask, claims_of, github, let_in, refused
from tests.provider.running import running
from tests.provider.state import State

ISSUER = "https://platform.example.com"
CLAIMS = {
    "iss": ISSUER,
    "sub": MAIN,
    "aud": "http://localhost:8080",
    "jti": "1",
    "iat": START,
    "exp": START + 300,
    "repository_owner_id": "1234567",
}
HEADER = {"alg": "ES256", "kid": "one", "typ": "JWT"}
FORGED = forged(CLAIMS)


@pytest.fixture
def inline(provider: Provider) -> Provider:
    """The server, which has the keys of the issuer in clients.yaml, and never calls it."""
    let_in(provider, ISSUER, f", signing_alg: ES256, jwks: {json.dumps(public(key()))}")
    return provider


@pytest.fixture
def platform(provider: Provider) -> Iterator[State]:
    with running("authserver", "x", provider.clock) as state:
        let_in(provider, state.issuer)
        yield state


def token(header: dict[str, object] | None = None, **changes: object) -> str:
    return signed({**HEADER, **(header or {})}, {**CLAIMS, **changes}, key(), "ES256")


def reason(provider: Provider) -> str:
    return str(provider.events("token:assertion:refused")[-1]["reason"])


@pytest.mark.parametrize("typ", ["JWT", "jwt", "application/jwt", "authorization-grant+jwt", ABSENT])
def test_keys_may_stand_in_the_file(inline: Provider, typ: object) -> None:
    assert claims_of(inline, ask(inline, token({"typ": typ})))["act"] == {"iss": ISSUER, "sub": MAIN}


@pytest.mark.parametrize("name", sorted(FORGED))
def test_a_forged_token_is_refused(inline: Provider, name: str) -> None:
    assert refused(ask(inline, FORGED[name]))[0] == "invalid_grant"


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES384", "EdDSA", "HS256", "none"])
def test_only_the_algorithm_of_the_issuer_is_read(inline: Provider, alg: str) -> None:
    assert refused(ask(inline, token({"alg": alg})))[0] == "invalid_grant"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"aud": "https://evil.example"}, "its aud is not the audience of this issuer alone"),
        ({"aud": ABSENT}, "its aud is not the audience of this issuer alone"),
        ({"aud": []}, "its aud is not the audience of this issuer alone"),
        ({"aud": {}}, "its aud is not the audience of this issuer alone"),
        ({"aud": [["http://localhost:8080"]]}, "its aud is not the audience of this issuer alone"),
        (
            {"aud": ["http://localhost:8080", "https://evil.example"]},
            "its aud is not the audience of this issuer alone",
        ),
        ({"aud": "http://localhost:8080/"}, "its aud is not the audience of this issuer alone"),
        ({"sub": ABSENT}, "its sub is missing, or not printable, or too long"),
        ({"sub": [MAIN]}, "its sub is missing, or not printable, or too long"),
        ({"sub": f"{MAIN}\0"}, "its sub is missing, or not printable, or too long"),
        ({"exp": ABSENT}, "exp is no time"),
        ({"exp": str(START + 60)}, "exp is no time"),
        ({"exp": True}, "exp is no time"),
        ({"exp": [START + 60]}, "exp is no time"),
        ({"exp": -1}, "exp is no time"),
        ({"exp": 10**30}, "exp is no time"),
        ({"exp": START - 75}, "expired"),
        ({"exp": START + 3601}, "valid for more than 3600 seconds, the issuer's max_lifetime"),
        ({"iat": ABSENT, "exp": START + 3676}, "valid for more than 3600 seconds, the issuer's max_lifetime"),
        ({"iat": START - 3500}, "valid for more than 3600 seconds, the issuer's max_lifetime"),
        ({"iat": "now"}, "iat is no time"),
        ({"iat": START + 76}, "from the future"),
        ({"nbf": START + 76}, "from the future"),
        ({"nbf": None}, "nbf is no time"),
    ],
)
def test_what_the_claims_must_say_is_in_the_log(inline: Provider, changes: dict[str, Any], why: str) -> None:
    assert refused(ask(inline, token(**changes)))[0] == "invalid_grant"
    assert reason(inline) == why


def test_a_time_may_have_fractions_and_an_iat_is_not_needed(inline: Provider) -> None:
    assert ask(inline, token(exp=START + 60.5)).status_code == 200
    assert ask(inline, token(iat=ABSENT, jti="2")).status_code == 200


def test_an_issuer_that_nobody_declared_is_told_so(inline: Provider) -> None:
    issuers: list[object] = ["https://evil.example", f"{ISSUER}/", inline.issuer, "", None, [ISSUER], {}]
    for issuer in issuers:
        error, said = refused(ask(inline, token(iss=issuer)))
        assert (error, "workload_issuers" in said) == ("invalid_grant", True)


def test_tokens_of_this_server_are_none_of_a_workload(inline: Provider, browser: Browser) -> None:
    tokens = inline.client("portal").sign_in(browser)
    for ours in (tokens.access_token, tokens.id_token):
        assert refused(ask(inline, ours))[0] == "invalid_grant"


def test_without_an_assertion_there_is_nothing(inline: Provider) -> None:
    for data in ({}, {"client_id": "deploy"}, {"assertion": ""}):
        answer = inline.post("/token", {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer"} | data)
        assert refused(answer) == ("invalid_request", "The parameter assertion is missing.")


def test_the_audience_may_be_another(provider: Provider) -> None:
    keys = json.dumps(public(key()))
    let_in(provider, ISSUER, f", signing_alg: ES256, jwks: {keys}, audience: 'https://sts.example.com'")
    assert refused(ask(provider, token()))[0] == "invalid_grant"
    assert ask(provider, token(aud="https://sts.example.com")).status_code == 200


def test_a_new_key_of_the_issuer_is_found_and_an_old_one_is_gone(provider: Provider, platform: State) -> None:
    old = github(platform, provider.issuer)
    assert ask(provider, github(platform, provider.issuer)).status_code == 200
    platform.rotate()
    assert ask(provider, github(platform, provider.issuer)).status_code == 200
    assert refused(ask(provider, old))[0] == "invalid_grant"


def test_while_the_issuer_is_away_its_keys_are_still_known(provider: Provider, platform: State) -> None:
    assert ask(provider, github(platform, provider.issuer)).status_code == 200
    platform.wrong |= {"openid-configuration": "error", "jwks.json": "error"}
    assert ask(provider, github(platform, provider.issuer)).status_code == 200


def test_while_an_issuer_is_away_whose_keys_are_not_known_its_workloads_wait(
    provider: Provider, platform: State
) -> None:
    platform.wrong["jwks.json"] = "error"
    answer = ask(provider, github(platform, provider.issuer))
    assert refused(answer, 503)[0] == "temporarily_unavailable"
    assert answer.headers["Retry-After"] == "5"


@pytest.mark.parametrize("wrong", ["html", "redirect", "huge", "list", "nothing"])
@pytest.mark.parametrize("endpoint", ["openid-configuration", "jwks.json"])
def test_an_issuer_that_answers_nonsense_opens_nothing(
    provider: Provider, platform: State, endpoint: str, wrong: str
) -> None:
    platform.wrong[endpoint] = wrong
    assert ask(provider, github(platform, provider.issuer)).status_code in {400, 503}


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"jwks_uri": None},
        {"jwks_uri": ["https://evil.example"]},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "http://10.0.0.1/jwks.json"},
    ],
)
def test_metadata_that_lead_elsewhere_are_not_followed(
    provider: Provider, platform: State, metadata: dict[str, Any]
) -> None:
    platform.metadata |= metadata
    assert refused(ask(provider, github(platform, provider.issuer)), 503)[0] == "temporarily_unavailable"
    assert "jwks.json" not in platform.asked


def test_a_private_address_is_called_only_where_the_file_says_so(make_provider: MakeProvider) -> None:
    provider = make_provider()
    let_in(provider, "https://127.0.0.1:9")
    made = token({"alg": "RS256"}, iss="https://127.0.0.1:9")
    assert refused(ask(provider, made), 503)[0] == "temporarily_unavailable"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(
    ["iss", "sub", "aud", "exp", "iat", "nbf", "jti", "repository_owner_id", "alg", "kid", "typ", "crit", "jwk", "jku"]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(claims=st.dictionaries(NAMES, JSON, max_size=3), header=st.dictionaries(NAMES, JSON, max_size=3))
def test_whatever_a_token_says_it_is_accepted_or_refused_cleanly(
    inline: Provider, claims: dict[str, object], header: dict[str, object]
) -> None:
    assert ask(inline, token(header, **claims)).status_code in {200, 400}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(st.binary(max_size=40), max_size=5), raw=st.text(st.characters(codec="utf-8"), max_size=60))
def test_whatever_stands_in_its_place_is_refused_cleanly(inline: Provider, parts: list[bytes], raw: str) -> None:
    for text in (raw, ".".join(base64.urlsafe_b64encode(part).decode() for part in parts)):
        assert refused(ask(inline, text))[0] in {"invalid_grant", "invalid_request"}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.dictionaries(st.sampled_from(["client_id", "scope", "resource"]), st.text(max_size=20), max_size=3))
def test_whatever_stands_beside_it_is_refused_cleanly(inline: Provider, data: dict[str, str]) -> None:
    answer = ask(inline, token(), **data)
    assert answer.status_code in {200, 400}


def test_heads_of_100_kib_are_refused_before_anything_is_decoded(inline: Provider) -> None:
    _, payload, signature = token().split(".")
    for head in (b64(json.dumps(HEADER | {"x5c": ["A" * 102_400]}).encode()), "A" * 102_400):
        assert refused(ask(inline, f"{head}.{payload}.{signature}"), 413 if len(head) > 65536 else 400)
