"""A bearer token in the Authorization header (RFC 6750 §2.1, §3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.protocol.token.bearer import BearerError, bearer_token, insufficient_scope, invalid_token


@pytest.mark.parametrize(
    "authorization", ["Bearer mF_9.B5f-4.1JqM", "bearer mF_9.B5f-4.1JqM", "BEARER  mF_9.B5f-4.1JqM "]
)
def test_a_token_is_read_from_the_header(authorization: str) -> None:
    assert bearer_token(authorization) == "mF_9.B5f-4.1JqM"


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", "Basic YTpi", "mF_9.B5f-4.1JqM", "DPoP x"])
def test_a_request_without_one_learns_the_scheme_and_no_error_code(authorization: str | None) -> None:
    with pytest.raises(BearerError) as refused:
        bearer_token(authorization)
    assert refused.value.status == 401
    assert dict(refused.value.headers) == {"WWW-Authenticate": 'Bearer realm="authserver"'}


def test_the_challenge_carries_the_error_and_the_scope_that_is_needed() -> None:
    bad, narrow = invalid_token("detail for the log"), insufficient_scope("openid")
    assert (bad.status, narrow.status) == (401, 403)
    assert dict(bad.headers)["WWW-Authenticate"] == 'Bearer realm="authserver", error="invalid_token"'
    assert dict(narrow.headers)["WWW-Authenticate"].endswith('error="insufficient_scope", scope="openid"')
    assert "detail" not in bad.description


@given(st.text(max_size=50))
def test_any_header_is_a_token_or_a_refusal(authorization: str) -> None:
    try:
        token = bearer_token(authorization)
    except BearerError:
        return
    assert token
    assert token == token.strip()
