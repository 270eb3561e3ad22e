"""Proof Key for Code Exchange, S256 only (RFC 7636; RFC 9700 §2.1.1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.protocol.errors import RedirectedError
from authserver.protocol.request.pkce import requested_challenge, s256

# RFC 7636 Appendix B.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_the_verifier_of_appendix_b_answers_its_challenge() -> None:
    assert s256(VERIFIER) == CHALLENGE


@pytest.mark.parametrize("verifier", ["a" * 43, "a" * 128, "-._~" * 11])
def test_a_verifier_of_43_to_128_unreserved_characters_is_taken(verifier: str) -> None:
    assert s256(verifier) is not None


@pytest.mark.parametrize(
    "verifier",
    [
        "",
        "a" * 42,
        "a" * 129,
        "a" * 42 + "+",
        "a" * 42 + "é",
        "a" * 43 + "\n",
        "a" * 42 + "\0",
        " " + "a" * 43,
        "a" * 43 + "=",
    ],
)
def test_any_other_verifier_answers_nothing(verifier: str) -> None:
    assert s256(verifier) is None


@given(st.text(max_size=140))
def test_no_verifier_is_an_exception(verifier: str) -> None:
    challenge = s256(verifier)
    assert challenge is None or requested_challenge(challenge, "S256", required=True) == challenge


@pytest.mark.parametrize("required", [True, False])
def test_a_challenge_that_is_sent_is_kept_whether_required_or_not(required: bool) -> None:
    assert requested_challenge(CHALLENGE, "S256", required) == CHALLENGE


def test_it_may_be_left_out_only_where_the_client_need_not() -> None:
    assert requested_challenge(None, None, required=False) is None
    with pytest.raises(RedirectedError):
        requested_challenge(None, None, required=True)


@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize(
    ("challenge", "method"),
    [
        (CHALLENGE, None),  # RFC 7636 §4.3: that means plain
        (CHALLENGE, "plain"),
        (CHALLENGE, "s256"),
        (CHALLENGE, "S512"),
        (None, "S256"),
        (CHALLENGE[:-1], "S256"),
        (CHALLENGE + "A", "S256"),
        (CHALLENGE + "\n", "S256"),
        (CHALLENGE[:-1] + "+", "S256"),
        (CHALLENGE[:-1] + "=", "S256"),
        ("é" * 43, "S256"),
    ],
)
def test_anything_else_is_an_invalid_request(challenge: str | None, method: str | None, required: bool) -> None:
    with pytest.raises(RedirectedError) as refused:
        requested_challenge(challenge, method, required)
    assert refused.value.error == "invalid_request"
