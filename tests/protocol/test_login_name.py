"""What is typed to sign in: a username or an e-mail address, each with one form to look up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.protocol.person.login_name import as_typed, findings, login_key


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("ada", "ada"),
        (" Ada ", "ada"),
        ("\u00a0Ada\n", "ada"),
        (" ADA@Example.COM ", "ada@example.com"),
        ("ａｄａ", "ada"),
        ("straße", "straße"),
        ("straße@faß.example", "straße@xn--fa-hia.example"),
        ("ｂoss@example.com", "ｂoss@example.com"),
        ("a\0da", ""),
        ("a\nda", ""),
        ("a\u202eda", ""),
        ("\ud800", ""),
        ("x" * 255, ""),
        ("x" * 100_000, ""),
        ("", ""),
    ],
)
def test_what_is_typed_has_one_form_to_look_up(typed: str, key: str) -> None:
    assert login_key(typed) == key


@given(st.text())
def test_what_is_looked_up_is_its_own_form_and_can_be_stored(text: str) -> None:
    key = login_key(text)
    assert login_key(key) == key
    assert "\0" not in as_typed(text).encode().decode()


@pytest.mark.parametrize(
    ("username", "email", "codes"),
    [
        ("ada", "ada@example.com", []),
        ("ada", None, []),
        ("straße", "Ada@Example.com", []),
        ("ada", "ada@bücher.example", ["domain_compares_as"]),
        ("ada", "ada@xn--bcher-kva.example", []),
        ("ada", "ada@☃.example", ["address_invalid"]),
        ("p\u0430ypal", None, ["username_mixed"]),
        ("ᎠᎡ", None, ["username_mixed"]),
        ("a\u0640b", None, ["username_mixed"]),
        ("ʰa", None, ["username_invalid"]),
        ("σοφοσ", None, ["username_spelled"]),
        ("σοφος", None, []),
    ],
)
def test_an_administrator_is_told_which_logins_would_not_be_given_like_this_today(
    username: str, email: str | None, codes: list[str]
) -> None:
    assert [each.code for each in findings(username, email)] == codes
