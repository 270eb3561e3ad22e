"""Scopes: cut to what the client is registered for (RFC 6749 §3.3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.protocol.request.scope import SUPPORTED, allowed_scope

ALL = frozenset(SUPPORTED)


@pytest.mark.parametrize(
    ("requested", "registered", "allowed"),
    [
        (None, ALL, ()),
        ("", ALL, ()),
        ("openid", ALL, ("openid",)),
        ("email openid", ALL, ("openid", "email")),
        ("openid openid", ALL, ("openid",)),
        ("openid profile", frozenset({"openid"}), ("openid",)),
        ("openid admin:all", ALL | {"admin:all"}, ("openid",)),
        ("OPENID", ALL, ()),
        ("openid\tprofile", ALL, ()),
        ("openid  profile", ALL, ("openid", "profile")),
        ("openid", frozenset(), ()),
    ],
)
def test_what_is_granted_was_asked_for_known_and_registered(
    requested: str | None, registered: frozenset[str], allowed: tuple[str, ...]
) -> None:
    assert allowed_scope(requested, registered) == allowed


@given(st.text(max_size=60), st.sets(st.sampled_from(SUPPORTED)))
def test_nothing_asked_for_gives_more_than_is_registered(requested: str, registered: set[str]) -> None:
    assert set(allowed_scope(requested, registered)) <= registered
