"""Usernames: RFC 8265's form, one script, and nothing that passes for somebody else's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.protocol.person.username import username_fault, username_from_email, username_key


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("ada", "ada"),
        ("Ada", "ada"),
        ("ａｄａ", "ada"),
        ("\u212aelvin", "kelvin"),
        ("Straße", "straße"),
        ("STRASSE", "strasse"),
        ("\u212bngstro\u0308m", "ångström"),
        ("ΣΟΦΟΣ", "σοφος"),
        ("σοφοσ", "σοφοσ"),
        ("m\u0131ke", "m\u0131ke"),
        # No name of the profile: each is itself, and nobody else's.
        ("bo\u017fs", "bo\u017fs"),
        ("o\ufb03ce", "o\ufb03ce"),
        ("a\u200dda", "a\u200dda"),
    ],
)
def test_a_username_compares_as_the_profile_of_precis_has_it(typed: str, kept: str) -> None:
    assert username_key(typed) == kept


@given(st.text())
def test_the_form_of_a_username_is_its_own_form(text: str) -> None:
    assert username_key(username_key(text)) == username_key(text)


@pytest.mark.parametrize(
    "username",
    [
        "ada",
        "Ada.Lovelace",
        "ada_1815-12",
        "Zoë",
        "straße",
        "x" * 64,
        "сара-1",
        "σοφος",
        "山田カナ",
        "toshi山田",
        "김민수",
        "שלום",
    ],
)
def test_a_username_of_letters_digits_and_few_signs_of_one_script_is_accepted(username: str) -> None:
    assert username_fault(username) is None


@pytest.mark.parametrize(
    "username",
    [
        *["", " ", " ada", "ada ", "a@b", "a＠b", "a b", "<b>", "x" * 65, "a/b"],
        *["a\0b", "\u202eada", "a\u200dda", "\ud800"],
        *["bo\u017fs", "o\ufb03ce", "a\u00b2", "ada\u00adlove", "שלוםa", "\u00b5"],
    ],
)
def test_any_other_username_is_refused_in_words(username: str) -> None:
    assert username_fault(username)


@pytest.mark.parametrize(
    "username",
    [
        "p\u0430ypal",  # Cyrillic a
        "admin\u0456strator",  # Ukrainian i
        "\u0391dmin",  # Greek Alpha
        "paypa\u04cf",  # palochka
        "ada\u03bf",  # omicron
        "b\u043ess",
        "かな김",
        "\u13aada",  # Cherokee
        "\u13aa\u13a0",
        "1\u06f1a",
    ],
)
def test_a_mixture_of_scripts_that_passes_for_another_name_is_refused(username: str) -> None:
    assert username_fault(username)


@pytest.mark.parametrize(
    ("email", "username"),
    [
        ("Ada.Lovelace@example.com", "ada.lovelace"),
        ("ada+tag@example.com", "ada-tag"),
        ("zoe\u0308@example.com", "zoë"),
        ("p\u0430ypal@example.com", "person"),
        ("bo\u017fs@example.com", "person"),
        (f"{'x' * 80}@example.com", "x" * 56),
    ],
)
def test_a_username_is_made_out_of_an_address(email: str, username: str) -> None:
    assert username_from_email(email) == username


@given(st.text())
def test_whatever_the_address_the_username_out_of_it_can_be_given(local: str) -> None:
    assert username_fault(username_from_email(f"{local}@example.com")) is None
