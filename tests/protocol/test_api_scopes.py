"""Scopes of APIs: less than a client may have, never more (RFC 6749 §3.3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.protocol.errors import ProtocolError
from authserver.protocol.token.api_scopes import api_scopes, scope_of_service
from tests.protocol.values import REPORTS, USERS

GIVEN = ("read:reports", "write:reports")


def test_each_permission_of_an_api_is_a_scope_of_it() -> None:
    words = ("openid", "read:reports", "read:users", "write:reports")
    assert api_scopes(words, REPORTS) == {"read:reports", "write:reports"}
    assert api_scopes(words, USERS) == {"read:users"}
    assert api_scopes(words, None) == frozenset()


@pytest.mark.parametrize(
    ("requested", "scope"),
    [
        ("read:reports", ("read:reports",)),
        ("write:reports read:reports", GIVEN),
        ("  read:reports   read:reports ", ("read:reports",)),
        ("openid read:reports offline_access", ("read:reports",)),
        ("openid profile email offline_access", GIVEN),
        (" ", GIVEN),
    ],
)
def test_a_service_gets_what_it_asks_for_of_what_it_may_have(requested: str, scope: tuple[str, ...]) -> None:
    assert scope_of_service(requested, REPORTS, GIVEN) == scope


def test_a_known_scope_that_the_roles_do_not_give_is_left_out_and_alone_it_is_refused() -> None:
    assert scope_of_service("read:reports write:reports", REPORTS, ("read:reports",)) == ("read:reports",)
    with pytest.raises(ProtocolError) as refused:
        scope_of_service("write:reports", REPORTS, ("read:reports",))
    assert refused.value.error == "invalid_scope"


@pytest.mark.parametrize(
    "requested", ["read:users", "read:reports x", "admin:all", "READ:REPORTS", "read:reports,write:reports", "reports"]
)
def test_what_is_no_permission_of_the_api_is_refused_and_not_repeated(requested: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        scope_of_service(requested, REPORTS, GIVEN)
    assert refused.value.error == "invalid_scope"
    assert requested not in refused.value.description
    assert requested in refused.value.detail


def test_a_service_of_no_api_has_no_scope_to_ask_for() -> None:
    assert scope_of_service("openid", None, ()) == ()
    with pytest.raises(ProtocolError):
        scope_of_service("read:reports", None, ())


KNOWN = st.lists(st.sampled_from(["read:reports", "write:reports", "openid"]), max_size=3).map(" ".join)


@given(st.text() | KNOWN)
def test_whatever_is_asked_never_gives_more_than_the_roles(requested: str) -> None:
    try:
        scope = scope_of_service(requested, REPORTS, ("read:reports",))
    except ProtocolError:
        return
    assert set(scope) <= {"read:reports"}
