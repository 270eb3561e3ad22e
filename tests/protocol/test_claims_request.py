"""The claims parameter (OpenID Connect Core §5.5): read strictly, and nothing in it that we lack ends a sign-in."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.protocol.errors import ProtocolError
from authserver.protocol.request.claims_request import RequestedClaims, opened_scopes, requested_claims, single_claims

SCOPES = ("openid", "profile", "email")
ADA = {"name": "Ada", "email": "ada@example.com", "email_verified": False, "picture": None}
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["value", "values", "essential", "x"]), inner),
    max_leaves=12,
)
MEMBERS = st.dictionaries(st.sampled_from(["sub", "acr", "email", "name", "nonsense"]), JSON) | JSON


def read(asked: Any, scopes: tuple[str, ...] = SCOPES) -> RequestedClaims:
    return requested_claims(json.dumps(asked), scopes)


def test_each_claim_is_kept_for_its_place() -> None:
    asked = {
        "userinfo": {"name": None, "email": {"essential": True}, "http://example.info/claims/groups": None},
        "id_token": {"auth_time": {"essential": True}, "picture": {"value": "x"}, "name#de": None},
        "verified_claims": {"x": 1},
    }
    assert read(asked).claims == ("id_token.picture", "userinfo.email", "userinfo.name")
    assert read(asked, ("openid", "email")).claims == ("userinfo.email",)
    assert read(asked, ()).claims == ()
    assert read({"userinfo": None}) == read({}) == requested_claims(None, SCOPES) == RequestedClaims()


@pytest.mark.parametrize(
    ("acr", "demanded"),
    [
        (None, ()),
        ({"essential": True}, ()),
        ({"values": ["1", "2"]}, ()),
        ({"essential": False, "value": "2"}, ()),
        ({"essential": "true", "value": "2"}, ()),
        ({"essential": True, "value": "2"}, ("2",)),
        ({"essential": True, "values": ["1", "2", "1"]}, ("1", "2")),
    ],
)
def test_only_an_essential_acr_with_values_demands_anything(acr: Any, demanded: tuple[str, ...]) -> None:
    assert read({"id_token": {"acr": acr}}).acr == demanded
    assert read({"userinfo": {"acr": acr}}).acr == ()


def test_a_sub_names_whom_the_answer_may_be_for() -> None:
    assert read({"id_token": {"sub": {"value": "a"}}}).subs == ("a",)
    assert read({"userinfo": {"sub": {"values": ["a", "b"]}}}).subs == ("a", "b")
    assert read({"id_token": {"sub": {"value": "b"}}, "userinfo": {"sub": {"values": ["a", "b"]}}}).subs == ("b",)
    with pytest.raises(ProtocolError):
        read({"id_token": {"sub": {"value": "b"}}, "userinfo": {"sub": {"value": "a"}}})


@pytest.mark.parametrize(
    "value",
    [
        "not json",
        "[]",
        '"x"',
        "null",
        "{",
        '{"userinfo": []}',
        '{"id_token": "email"}',
        '{"id_token": {"sub": {"value": 5}}}',
        '{"id_token": {"sub": {"values": "a"}}}',
        '{"id_token": {"acr": {"essential": true, "values": [1]}}}',
        "[" * 4000,
        '{"userinfo":' * 330,
        "9" * 4097,
        json.dumps({"userinfo": {"x": "x" * 4096}}),
    ],
)
def test_what_is_no_request_of_claims_is_refused(value: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        requested_claims(value, SCOPES)
    assert refused.value.error == "invalid_request"
    assert refused.value.description.isascii()


@given(
    st.text()
    | JSON.map(json.dumps)
    | st.dictionaries(st.sampled_from(["userinfo", "id_token", "x"]), MEMBERS).map(json.dumps)
)
def test_whatever_is_sent_is_read_or_refused_and_opens_no_scope_that_the_client_lacks(value: str) -> None:
    try:
        asked = requested_claims(value, ("openid", "email"))
    except ProtocolError:
        return
    assert opened_scopes(asked.claims) <= {"email"}
    assert all(isinstance(each, str) for each in (*asked.acr, *asked.subs))


def test_a_single_claim_is_given_where_it_is_known_and_its_scope_is_open() -> None:
    words = ("id_token.name", "userinfo.email", "userinfo.name", "userinfo.picture")

    def at_userinfo(registered: tuple[str, ...] = SCOPES, given_up: tuple[str, ...] = ()) -> dict[str, object]:
        return single_claims("userinfo", words, ADA, registered=registered, given_up=given_up)

    assert at_userinfo() == {"name": "Ada", "email": "ada@example.com", "email_verified": False}
    assert at_userinfo(("openid", "profile")) == {"name": "Ada"}
    assert at_userinfo(given_up=("profile",)) == {"email": "ada@example.com", "email_verified": False}
    assert single_claims("id_token", words, ADA, registered=SCOPES, given_up=()) == {"name": "Ada"}
    nobody = dict.fromkeys(ADA) | {"email_verified": False}
    for word in ("userinfo.email", "userinfo.email_verified"):
        assert single_claims("userinfo", (word,), nobody, registered=SCOPES, given_up=()) == {}
