"""Usernames and e-mail addresses: one canonical form each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.protocol.login_name import canonical, email_fault, username_fault


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("ada", "ada"),
        (" Ada ", "ada"),
        ("ADA@Example.COM", "ada@example.com"),
        ("ａｄａ", "ada"),
        ("straße", "strasse"),
        ("\u212bngstro\u0308m", "ångström"),
        ("a\0da", ""),
        ("a\nda", ""),
        ("a\u202eda", ""),
        ("\ud800", ""),
        ("x" * 255, ""),
        ("x" * 100_000, ""),
        ("", ""),
    ],
)
def test_every_spelling_of_a_login_has_one_canonical_form(typed: str, stored: str) -> None:
    assert canonical(typed) == stored


@given(st.text())
def test_the_canonical_form_is_its_own_canonical_form(text: str) -> None:
    assert canonical(canonical(text)) == canonical(text)


@given(st.text())
def test_the_canonical_form_can_always_be_stored(text: str) -> None:
    assert "\0" not in canonical(text).encode().decode()


@pytest.mark.parametrize("username", ["ada", "Ada.Lovelace", "ada_1815-12", "Zoë", "x" * 64])
def test_a_username_of_letters_digits_and_few_signs_is_accepted(username: str) -> None:
    assert username_fault(username) is None


@pytest.mark.parametrize("username", ["", " ", "a@b", "a b", "<b>", "x" * 65, "a\0b", "a/b", "\u202eada"])
def test_any_other_username_is_refused_in_words(username: str) -> None:
    assert username_fault(username)


@pytest.mark.parametrize("email", ["ada@example.com", "ada+tag@mail.example.co.uk", "Zoë@exämple.org", "o'b@x.io"])
def test_an_email_address_is_accepted(email: str) -> None:
    assert email_fault(email) is None


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ada",
        "ada@",
        "@example.com",
        "ada@localhost",
        "a@b@example.com",
        "a b@example.com",
        "ada@example..com",
        "ada@-example.com",
        "ada@example.com.",
        "<ada@example.com>",
        "ada@example.com\r\nBcc: x@example.com",
        "a,b@example.com",
        f"{'x' * 250}@example.com",
    ],
)
def test_what_is_no_single_email_address_is_refused_in_words(email: str) -> None:
    assert email_fault(email)
