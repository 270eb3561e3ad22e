"""Claims that an administrator declares: what may stand in them, and what is said of a person."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.protocol.person.known_claims import STANDARD, known_claims
from authserver.protocol.person.own_claims import OwnClaim, OwnType
from authserver.protocol.registered_claims import REGISTERED, registered_alike
from authserver.protocol.request.scope import allowed_scope, in_order, sentences
from authserver.protocol.token.userinfo import userinfo_claims

TYPES: dict[str, OwnClaim] = {
    kind: OwnClaim(kind, "own", f"See your {kind}", kind, type=kind) for kind in get_args(OwnType)
}
KNOWN = known_claims(TYPES)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
OF_TYPE: dict[str, type] = {"string": str, "integer": int, "boolean": bool, "list": list}


@pytest.mark.parametrize("kind", TYPES)
@given(value=JSON)
def test_a_value_that_may_stand_there_has_the_type_and_is_typed_as_it_is_written(kind: str, value: Any) -> None:
    claim = TYPES[kind]
    if claim.fault(value) is None:
        assert type(value) is OF_TYPE[kind]
        again = claim.typed(claim.written(value))
        assert claim.typed(claim.written(again)) == again


@pytest.mark.parametrize("kind", TYPES)
@given(text=st.text(max_size=40))
def test_whatever_is_typed_is_nothing_a_value_or_a_fault_and_never_an_error(kind: str, text: str) -> None:
    value = TYPES[kind].typed(text)
    assert value is None or TYPES[kind].fault(value) is None or TYPES[kind].fault(value)


@pytest.mark.parametrize(("kind", "text", "value"), [
    ("integer", " 42 ", 42),
    ("integer", "-7", -7),
    ("integer", "٤٢", "٤٢"),
    ("boolean", "true", True),
    ("boolean", "false", False),
    ("boolean", "", None),
    ("boolean", "yes", "yes"),
    ("string", " a  b ", "a b"),
    ("list", "a\r\n\r\n b ", ["a", "b"]),
    ("list", " \n", None),
])  # fmt: skip
def test_what_is_typed(kind: str, text: str, value: Any) -> None:
    assert TYPES[kind].typed(text) == value


@given(person=st.dictionaries(st.sampled_from([*TYPES, "name", "gone"]), JSON))
def test_nothing_is_said_that_does_not_have_its_type_or_is_not_declared(person: dict[str, Any]) -> None:
    said = userinfo_claims("s", person, {"own"}, KNOWN)
    assert said.keys() <= {"sub", *TYPES}
    assert all(TYPES[name].fault(value) is None for name, value in said.items() if name != "sub")
    assert userinfo_claims("s", person, {"own"}) == {"sub": "s"}


def test_scopes_are_written_in_one_order_and_unknown_ones_are_left_out() -> None:
    assert in_order({"zeta", "alpha", "email", "openid"}) == ("openid", "email", "alpha", "zeta")
    assert allowed_scope("own openid other", {"openid", "own", "other"}, KNOWN) == ("openid", "own")
    assert allowed_scope("own openid", {"openid"}, KNOWN) == ("openid",)
    assert allowed_scope("own openid", {"openid", "own"}) == ("openid",)


def test_a_scope_says_what_each_of_its_claims_is_once() -> None:
    assert sentences("own", KNOWN) == [f"See your {kind}" for kind in TYPES]
    assert sentences("email", KNOWN) == ["See your email address"]


@pytest.mark.parametrize("name", ["sub", "roles", "permissions", "groups", "sid", "acr", "at_hash", "cnf", "act"])
def test_what_tokens_say_already_is_reserved(name: str) -> None:
    assert registered_alike(name) == name


def test_every_standard_claim_is_reserved_in_any_spelling() -> None:
    assert STANDARD.scope_of.keys() <= REGISTERED
    assert registered_alike("birthDate") == "birthdate"
    assert registered_alike("Phone-Number") == "phone_number"
    assert registered_alike("department") is None
    assert registered_alike("https://example.com/sub") is None
