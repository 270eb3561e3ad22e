"""Which passwords may be chosen, and that every fault is named at once."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.protocol.person.password_rules import LONGEST, PasswordRule, Policy, faults, normalised, rules, text

ADA = ("Ada Lovelace", "ada@example.com", "ada", "id.example.com", "authserver")


@pytest.mark.parametrize("policy", ["classic", "nist"])
@pytest.mark.parametrize(
    "password", ["Correct horse 1!", "Tr0ub4dor&3-Xylophon", "пароль Длинный 7 слов", "xK9!mq Q2wz7#P vv"]
)
def test_a_good_password_has_no_fault(policy: Policy, password: str) -> None:
    assert faults(password, policy, ADA) == []


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("", ["too_short", "no_upper_case", "no_lower_case", "no_digit", "no_special"]),
        ("abc", ["too_short", "no_upper_case", "no_digit", "no_special", "common"]),
        ("zqjxkvbpwmfy", ["no_upper_case", "no_digit", "no_special"]),
        ("ZQJXKVBPWMF7", ["no_lower_case", "no_special"]),
        ("zQjxkvbpwm 7", []),
        ("zQjxkvbpw 7", ["too_short"]),
        ("Password123!", ["common"]),
        ("P@ssw0rd1234", ["common"]),
        ("Summer2026!!", ["common"]),
        ("Aa1!Aa1!Aa1!Aa1!", ["common"]),
        ("Ada.Lovelace1", ["personal", "common"]),
        ("Lovelace-Ada-99!", ["personal"]),
        ("L0vel@ce-1815-A", ["personal"]),
        ("Authserver-id9!", ["personal"]),
    ],
)
def test_the_classic_policy_names_every_fault_in_its_order(password: str, expected: list[str]) -> None:
    assert [fault.value for fault in faults(password, "classic", ADA)] == expected


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("coffee lamp zebra quartz", []),
        ("zqjxkvbpwmfyhg", [PasswordRule.TOO_SHORT]),
        ("zqjxkvbpwmfyhgd", []),
        ("passwordpassword", [PasswordRule.COMMON]),
        ("aaaaaaaaaaaaaaaaaaaa", [PasswordRule.COMMON]),
        ("ada.lovelace.example", [PasswordRule.PERSONAL]),
    ],
)
def test_the_nist_policy_wants_length_and_no_kinds_of_characters(password: str, expected: list[PasswordRule]) -> None:
    assert faults(password, "nist", ADA)[: len(expected) or 1] == expected


def test_a_name_inside_a_password_that_is_strong_without_it_is_no_fault() -> None:
    assert faults("Ada rides purple 7 tandems!", "classic", ADA) == []


def test_length_is_counted_in_characters_of_the_normal_form_and_nothing_is_cut() -> None:
    letters = "zQ 7" + "é" * (LONGEST - 4)
    assert PasswordRule.TOO_LONG not in faults(unicodedata.normalize("NFD", letters), "classic")
    assert faults(letters + "x", "classic") == [PasswordRule.TOO_LONG]
    assert normalised(unicodedata.normalize("NFD", letters)) == letters


@given(st.text(max_size=300), st.lists(st.text(max_size=50), max_size=5), st.sampled_from(["classic", "nist"]))
def test_any_text_is_judged(password: str, personal: list[str], policy: Policy) -> None:
    for fault in faults(password, policy, personal):
        assert text(fault, policy)


def test_a_lone_surrogate_is_judged_like_any_text() -> None:
    assert PasswordRule.COMMON in faults("\ud800" * 20, "nist", ["\udfff\udfff\udfff"])


def test_a_page_lists_every_rule_that_can_be_broken_by_what_fits_its_field() -> None:
    assert {*rules("classic"), PasswordRule.TOO_LONG} == set(PasswordRule)
    assert rules("nist") == [PasswordRule.TOO_SHORT, PasswordRule.PERSONAL, PasswordRule.COMMON]
    assert text(PasswordRule.TOO_SHORT, "nist") == "at least 15 characters"
