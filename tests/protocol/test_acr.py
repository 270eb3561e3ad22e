"""Levels of authentication: which include which, what is still to be done, and what a token says (RFC 9470 §5)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.protocol.acr import (
    METHODS,
    NO_LEVELS,
    PHISHING_RESISTANT,
    Demand,
    levels_of,
    methods_by_provider,
    methods_of,
    own_acr,
    said_acr,
    ways_left,
)


def ways(*each: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(way.split()) for way in each)


LEVELS = levels_of(
    {
        "gold": PHISHING_RESISTANT,
        "bronze": ways("pwd", "passkey"),
        "silver": ways("passkey", "pwd otp"),
        "other": ways("provider otp"),
    }
)


def test_which_level_includes_which_follows_from_their_ways_whatever_their_order() -> None:
    assert {name: sorted(each) for name, each in LEVELS.included.items()} == {
        "gold": ["bronze", "gold", "silver"],
        "bronze": ["bronze"],
        "silver": ["bronze", "silver"],
        "other": ["other"],
    }


@pytest.mark.parametrize(
    ("done", "highest"),
    [
        ("", None),
        ("otp", None),
        ("pwd", "bronze"),
        ("pwd recovery_code", "bronze"),
        ("pwd otp", "silver"),
        ("passkey", "gold"),
        ("provider", None),
        ("provider otp", "other"),
        ("provider =silver", "silver"),
        ("provider =gone", None),
        ("pwd otp provider", "silver"),
    ],
)
def test_what_was_done_reaches_a_level(done: str, highest: str | None) -> None:
    assert LEVELS.highest(LEVELS.reached(done.split())) == highest


def test_of_two_levels_that_are_alike_the_later_one_is_said() -> None:
    alike = levels_of({"one": ways("pwd"), "two": ways("pwd")})
    assert alike.highest(alike.reached({"pwd"})) == "two"


@pytest.mark.parametrize(
    ("amr", "methods"),
    [
        ("pwd", "pwd"),
        ("pwd otp mfa", "pwd otp"),
        ("hwk pop mfa", "passkey"),
        ("swk pop mfa", "passkey"),
        ("pwd mfa", "pwd recovery_code"),
        ("", ""),
        ("fpt face", ""),
    ],
)
def test_the_words_of_amr_stand_for_methods(amr: str, methods: str) -> None:
    assert " ".join(methods_of(amr.split())) == methods


def test_what_a_provider_says_counts_only_as_its_entry_maps_it() -> None:
    assert methods_by_provider("urn:2", ("pwd", "otp", "mfa"), {}, {}) == ("provider",)
    said = methods_by_provider("urn:2", ("otp", "mfa"), {"urn:2": "gold"}, {"mfa": "silver", "otp": "silver"})
    assert said == ("provider", "=silver", "=gold")
    assert methods_by_provider(None, (), {"urn:2": "gold"}, {"mfa": "silver"}) == ("provider",)


@pytest.mark.parametrize(
    ("wanted", "done", "left"),
    [
        ((), "", [""]),
        ((("silver",),), "pwd", ["otp", "passkey"]),
        ((("silver",),), "pwd otp", [""]),
        ((("gold",), ("silver",)), "pwd", ["passkey"]),
        ((("gold", "silver"),), "pwd", ["otp", "passkey"]),
        ((("silver",),), "provider", ["otp pwd", "passkey"]),
        ((("unknown",),), "pwd", []),
        ((("unknown", "bronze"),), "pwd", [""]),
        ((("silver",), ("other",)), "pwd otp", ["provider"]),
    ],
)
def test_what_is_left_to_do_is_no_more_than_is_missing(
    wanted: tuple[tuple[str, ...], ...], done: str, left: list[str]
) -> None:
    assert sorted(" ".join(sorted(way)) for way in ways_left(LEVELS, wanted, done.split())) == left


@pytest.mark.parametrize(
    ("demand", "done", "acr"),
    [
        (Demand(), "pwd", "bronze"),
        (Demand(), "provider", "1"),
        (Demand(wished=("bronze",)), "pwd otp", "bronze"),
        (Demand(wished=("gold", "bronze")), "pwd otp", "bronze"),
        (Demand(wished=("1",)), "pwd otp", "1"),
        (Demand(frozenset({"silver"}), wished=("bronze",)), "pwd otp", "silver"),
        (Demand(frozenset({"silver"}), wished=("bronze", "gold")), "passkey", "gold"),
        # Core §5.5.1.1: one of the values that were demanded, whatever else is needed.
        (Demand(frozenset({"silver"}), ("bronze",)), "pwd otp", "bronze"),
        (Demand(frozenset({"silver"}), ("bronze", "silver")), "pwd otp", "silver"),
        (Demand(frozenset({"gold"})), "pwd", "bronze"),
    ],
)
def test_a_token_says_what_was_asked_for_and_met_or_the_highest(demand: Demand, done: str, acr: str) -> None:
    assert said_acr(LEVELS, demand, done.split(), "1") == acr


def test_without_levels_all_is_as_the_session_says_it() -> None:
    assert said_acr(NO_LEVELS, Demand(wished=("2",)), ("pwd",), "1") == "1"
    assert said_acr(NO_LEVELS, Demand(), ("provider",), None) is None
    assert (own_acr(NO_LEVELS, "gold"), own_acr(LEVELS, "gold")) == ("gold", None)


_METHODS = st.frozensets(st.sampled_from(METHODS), max_size=3)
_LEVELS = st.dictionaries(
    st.sampled_from("abcd"), st.lists(_METHODS.filter(bool), min_size=1, max_size=3).map(tuple), max_size=4
)


@given(_LEVELS, _METHODS)
def test_whoever_reaches_a_level_has_reached_all_that_it_includes(
    declared: dict[str, tuple[frozenset[str], ...]], done: frozenset[str]
) -> None:
    levels = levels_of(declared)
    reached = levels.reached(done)
    assert all(levels.included[name] <= reached for name in reached)
    highest = levels.highest(reached)
    assert (highest in reached) if reached else highest is None
    assert not any(highest in levels.included[name] and name not in levels.included[str(highest)] for name in reached)


@given(_LEVELS, _METHODS, st.data())
def test_each_way_that_is_left_leads_there(
    declared: dict[str, tuple[frozenset[str], ...]], done: frozenset[str], data: st.DataObject
) -> None:
    levels = levels_of(declared)
    wanted = data.draw(st.lists(st.sampled_from(sorted(declared)), max_size=3)) if declared else []
    left = ways_left(levels, [(each,) for each in wanted], done)
    assert left
    assert all(set(wanted) <= levels.reached(done | way) for way in left)
    assert (frozenset() in left) == (set(wanted) <= levels.reached(done))
