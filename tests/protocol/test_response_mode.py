"""How an authorization response travels (RFC 6749 §3.1.2, §4.1.2; RFC 9207 §2)."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.protocol.request.response_mode import redirect_location, response_fields
from tests.protocol.values import ISSUER


@pytest.mark.parametrize(
    ("uri", "location"),
    [
        ("https://a.example/cb", "https://a.example/cb?code=1"),
        ("https://a.example/cb?x", "https://a.example/cb?x&code=1"),
        ("https://a.example/cb?x&y=a%20b", "https://a.example/cb?x&y=a%20b&code=1"),
        ("https://a.example", "https://a.example?code=1"),
        ("com.example.app:/cb", "com.example.app:/cb?code=1"),
    ],
)
def test_the_registered_uri_is_kept_byte_for_byte(uri: str, location: str) -> None:
    assert redirect_location(uri, [("code", "1")]) == location


def test_iss_is_in_every_response_and_state_only_where_it_was_sent() -> None:
    assert response_fields(ISSUER, "s", ("code", "1")) == [("code", "1"), ("state", "s"), ("iss", ISSUER)]
    assert response_fields(ISSUER, None, ("error", "x")) == [("error", "x"), ("iss", ISSUER)]
    assert response_fields(ISSUER, "", ("error", "x")) == [("error", "x"), ("state", ""), ("iss", ISSUER)]


@given(st.text(st.characters(codec="utf-8"), max_size=50))
def test_any_state_comes_back_as_it_was_and_adds_nothing(state: str) -> None:
    location = redirect_location("https://a.example/cb?x=1", response_fields(ISSUER, state, ("code", "1")))
    assert location.isascii()
    assert not set(location) & set('\r\n"<>\\ #')
    fields = parse_qsl(urlsplit(location).query, keep_blank_values=True)
    assert fields == [("x", "1"), ("code", "1"), ("state", state), ("iss", ISSUER)]
