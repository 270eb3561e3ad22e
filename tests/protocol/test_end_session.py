"""What a logout request may do without asking, and where it may send the browser (RP-Initiated Logout §2, §3)."""

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.protocol.end_session import check_logout
from authserver.protocol.errors import ShownError
from authserver.protocol.parameters import parse
from tests.protocol.values import make_client, make_registry

BYE = "https://portal.example.com/bye?a=%20&b"
HINT = {"aud": "portal", "sub": "person", "sid": "sid"}
REGISTRY = make_registry(
    make_client(), make_client(client_id="other", post_logout_redirect_uris=("https://o.example/",))
)


def check(hint: dict[str, Any] | None = None, **parameters: str) -> Any:
    return check_logout(parse(urlencode(parameters).encode()), hint, REGISTRY)


def test_a_valid_hint_vouches_for_the_request_and_names_the_session() -> None:
    asked = check(HINT, post_logout_redirect_uri=BYE)
    assert (asked.trusted, asked.hinted_sid, asked.hinted_sub, asked.target) == (True, "sid", "person", BYE)


def test_state_is_appended_to_the_registered_uri_and_nothing_else_is_changed() -> None:
    assert check(HINT, post_logout_redirect_uri=BYE, state="a&b=c\r\n").target == BYE + "&state=a%26b%3Dc%0D%0A"


def test_without_a_hint_the_client_id_earns_a_link_and_no_trust() -> None:
    asked = check(None, client_id="portal", post_logout_redirect_uri=BYE)
    assert (asked.trusted, asked.target, asked.hinted_sid) == (False, BYE, None)


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/",
        "https://o.example/",
        "https://portal.example.com/bye",
        BYE + "&c",
        BYE + "/",
        BYE.upper(),
        "https://portal.example.com/callback",
        "javascript:alert(1)",
        "https:\\\\portal.example.com/bye?a=%20&b",
    ],
)
def test_only_a_uri_that_this_client_registered_is_a_target(uri: str) -> None:
    assert check(HINT, post_logout_redirect_uri=uri).target is None
    assert check(HINT, post_logout_redirect_uri=uri).unregistered == uri
    assert check(None, client_id="portal", post_logout_redirect_uri=uri).target is None
    assert check(None, post_logout_redirect_uri=uri).target is None


def test_a_hint_of_one_client_and_the_name_of_another_are_refused() -> None:
    with pytest.raises(ShownError):
        check(HINT, client_id="other")
    assert check(HINT, client_id="portal").client.client_id == "portal"


def test_the_hint_of_a_client_that_is_gone_is_no_trust() -> None:
    asked = check(HINT | {"aud": "removed"}, post_logout_redirect_uri=BYE)
    assert (asked.trusted, asked.client, asked.target) == (False, None, None)


@given(st.binary(max_size=80), st.one_of(st.none(), st.fixed_dictionaries({}, optional={n: st.text() for n in HINT})))
def test_whatever_is_asked_is_answered_or_shown(raw: bytes, hint: dict[str, Any] | None) -> None:
    if hint is not None:
        hint = {"aud": "x", "sub": "x"} | hint
    try:
        asked = check_logout(parse(raw), hint, REGISTRY)
    except ShownError:
        return
    assert asked.target is None or asked.target.startswith((BYE, "https://o.example/"))
