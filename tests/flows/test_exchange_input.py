"""Whatever is shown for an exchange, and sent beside it: a refusal, and nothing more (RFC 8693 §2.2.2)."""

import json
from base64 import urlsafe_b64encode
from typing import Any

import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.flows.conftest import MakeProvider
from tests.flows.provider import Provider
from tests.flows.registry import REPORTS
from tests.flows.test_token_exchange import RULES, exchange, refusal, token


@pytest.fixture
def provider(make_provider: MakeProvider) -> Provider:
    """The server: reports may call users."""
    provider = make_provider()
    provider.amend("    audience: https://reports.example.com\n", f"    audience: {REPORTS}\n{RULES}")
    return provider


JUNK = st.one_of(st.text(max_size=50), st.sampled_from(["\0", "é", "x" * 9000, "e30.e30.", "..", "a.b.c"]))


def forged(claims: dict[str, Any], header: dict[str, Any], signature: bytes = b"x" * 256) -> str:
    parts = (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    return ".".join(urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "HS256"},
        {"typ": "JWT"},
        {"jwk": {"kty": "oct", "k": "AAAA"}},
        {"jku": "https://evil.example/jwks.json"},
        {"x5u": "https://evil.example/cert.pem"},
        {"crit": ["exp"]},
        {"pad": "x" * 40_000},
        {"kid": {"nested": []}},
    ],
)
@pytest.mark.parametrize("claims", [{}, {"exp": "1800000000"}, {"exp": 1.8e9 + 0.5}, {"aud": [[REPORTS]]}, {"act": []}])
def test_a_token_that_somebody_forged_is_refused(
    provider: Provider, header: dict[str, Any], claims: dict[str, Any]
) -> None:
    real = token(provider)
    head, said = jwt.get_unverified_header(real), jwt.decode(real, options={"verify_signature": False})
    assert refusal(provider, forged(said | claims, head | header))[0] == "invalid_request"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(
            ["subject_token", "subject_token_type", "requested_token_type", "audience", "resource", "scope", "may_act"]
        ),
        JUNK,
    )
)
def test_nothing_that_is_sent_makes_more_than_a_refusal(provider: Provider, junk: dict[str, str]) -> None:
    assert exchange(provider, "x", **junk).status_code == 400


def test_a_person_whom_the_client_knows_by_a_pairwise_sub_stays_so_and_events_know_who_it_is(
    provider: Provider,
) -> None:
    provider.amend("    name: Team portal\n", "    name: Team portal\n    subject_type: pairwise\n")
    shown = token(provider)
    body = exchange(provider, shown).get_json()
    sub = provider.verify(body["access_token"], "at+jwt")["sub"]
    assert sub == provider.verify(shown, "at+jwt")["sub"] != provider.people["mia"]
    found = [each for each in provider.events("token:access_token:issued") if each["client_id"] == "reports"]
    assert [each["sub"] for each in found] == [provider.people["mia"]]
