"""An access token in the Authorization header (RFC 6750 §2.1, §3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.protocol.token.bearer import BearerError, insufficient_scope, invalid_token, presented_token


@pytest.mark.parametrize(
    "authorization", ["Bearer mF_9.B5f-4.1JqM", "bearer mF_9.B5f-4.1JqM", "BEARER  mF_9.B5f-4.1JqM "]
)
def test_a_token_is_read_from_the_header(authorization: str) -> None:
    assert presented_token(authorization) == ("mF_9.B5f-4.1JqM", "Bearer")


@pytest.mark.parametrize("authorization", ["DPoP mF_9.B5f-4.1JqM", "dpop mF_9.B5f-4.1JqM", "dPOP  mF_9.B5f-4.1JqM "])
def test_a_bound_token_is_read_from_the_header_in_whatever_case_its_scheme_is(authorization: str) -> None:
    assert presented_token(authorization) == ("mF_9.B5f-4.1JqM", "DPoP")


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer ", "Basic YTpi", "mF_9.B5f-4.1JqM", "DPoP", "DPoP "]
)
def test_a_request_without_one_learns_the_schemes_and_no_error_code(authorization: str | None) -> None:
    with pytest.raises(BearerError) as refused:
        presented_token(authorization)
    assert refused.value.status == 401
    assert [value for _, value in refused.value.headers] == [
        'Bearer realm="authserver"',
        'DPoP algs="ES256 Ed25519 EdDSA PS256 RS256"',
    ]


def test_the_challenge_carries_the_error_and_the_scope_that_is_needed() -> None:
    bad, narrow = invalid_token("detail for the log"), insufficient_scope("openid")
    assert (bad.status, narrow.status) == (401, 403)
    assert dict(bad.headers)["WWW-Authenticate"] == 'Bearer realm="authserver", error="invalid_token"'
    assert dict(narrow.headers)["WWW-Authenticate"].endswith('error="insufficient_scope", scope="openid"')
    assert "detail" not in bad.description


@given(st.text(max_size=50))
def test_any_header_is_a_token_or_a_refusal(authorization: str) -> None:
    try:
        token = presented_token(authorization)
    except BearerError:
        return
    assert token.token
    assert token.token == token.token.strip()
