"""What a provider says of a person is brought into shape, and no more is concluded from it than it may say."""

from dataclasses import replace
from typing import Any

import pytest

from authserver.protocol.provider import EVERY_DOMAIN, GOOGLE, Provider
from authserver.protocol.upstream.vouched import Vouched, is_trusted, may_sign_in, vouched

PROVIDER = Provider("example", "openid", "https://id.example", "authserver", "s", "Example", ("openid",))
GOOGLES = replace(PROVIDER, preset="google", issuer=GOOGLE)


def said(**claims: Any) -> Vouched:
    person = vouched(PROVIDER, {"sub": "1", **claims})
    assert person is not None
    return person


@pytest.mark.parametrize("sub", [None, "", 1, True, ["1"], "a b", "é", "a\n", "\0", "x" * 256])
def test_who_has_no_usable_subject_is_nobody(sub: object) -> None:
    assert vouched(PROVIDER, {"sub": sub}) is None


@pytest.mark.parametrize("sub", ["1", "auth0|5f7c", "x" * 255, "!~"])
def test_a_subject_is_kept_to_the_letter(sub: str) -> None:
    person = vouched(PROVIDER, {"sub": sub})
    assert person is not None
    assert (person.issuer, person.subject) == ("https://id.example", sub)


@pytest.mark.parametrize("value", ["true", "false", 1, "1", [True], {"": 1}, None])
def test_an_address_is_verified_by_the_boolean_alone(value: object) -> None:
    assert not said(email="ada@example.org", email_verified=value).email_verified
    assert said(email="ada@example.org", email_verified=True).email_verified


@pytest.mark.parametrize("value", [None, 5, ["ada@example.org"], "", "ada", "ada@", "a@b@c", "ada@example.org\n"])
def test_what_is_no_address_is_none(value: object) -> None:
    assert said(email=value, email_verified=True).email is None


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("Ada Lovelace", "Ada Lovelace"),
        ("  Ada\t\u00a0 Lovelace ", "Ada Lovelace"),
        ("Ada\u202eecalevoL\0", "AdaecalevoL"),
        ("\r\nBcc: all@example.com", "Bcc: all@example.com"),
        ("\u200b\n", None),
        ("", None),
        ("x" * 300, "x" * 200),
        ("x" * 2001, None),
        (5, None),
        (["Ada"], None),
        ({"name": "Ada"}, None),
    ],
)
def test_a_name_is_one_line_of_bounded_length(value: object, kept: str | None) -> None:
    assert said(name=value).name == kept


@pytest.mark.parametrize(
    "value",
    [
        "http://example.org/a.png",
        "javascript:alert(1)",
        "//example.org/a.png",
        "https:///a.png",
        "https://ada@example.org/a.png",
        "https://example.org/a b.png",
        "https://example.org/é.png",
        "https://[::1/a.png",
        f"https://example.org/{'x' * 2000}",
        ["https://example.org/a.png"],
    ],
)
def test_a_picture_is_an_https_url_or_none(value: object) -> None:
    assert said(picture=value).picture is None
    assert said(picture="https://example.org/a.png").picture == "https://example.org/a.png"


@pytest.mark.parametrize("value", [True, False, -1, 1.5, "1800000000", None, [1]])
def test_a_time_of_sign_in_is_a_whole_number_or_unknown(value: object) -> None:
    assert said(auth_time=value).auth_time is None
    assert said(auth_time=0).auth_time == 0


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (["pwd", "mfa", "pwd"], ("pwd", "mfa")),
        (["pwd", 5, None, "a b", "", "é", "x" * 33], ("pwd",)),
        ("pwd", ()),
        ({"pwd": 1}, ()),
        ([f"m{number}" for number in range(20)], tuple(f"m{number}" for number in range(8))),
        (["x" * 32, "y" * 32, "z" * 32, "w" * 32], ("x" * 32, "y" * 32, "z" * 32)),
    ],
)
def test_methods_are_a_few_short_words(value: object, kept: tuple[str, ...]) -> None:
    assert said(amr=value).amr == kept


@pytest.mark.parametrize(
    ("claims", "roles"),
    [
        ({"groups": ["staff", "admins"]}, {"user", "admin"}),
        ({"groups": "staff"}, {"user"}),
        ({"groups": ["STAFF", "staff "]}, set()),
        ({"groups": {"staff": True}}, set()),
        ({"groups": [["staff"], 5, None]}, set()),
        ({"groups": ["x"] * 500 + ["admins"]}, set()),
        ({"other": ["staff"]}, set()),
        ({}, set()),
    ],
)
def test_roles_come_of_the_values_that_are_mapped_and_of_no_others(claims: dict[str, Any], roles: set[str]) -> None:
    mapping = {"groups": {"staff": "user", "admins": "admin"}}
    person = vouched(replace(PROVIDER, roles=mapping), {"sub": "1", **claims})
    assert person is not None
    assert person.roles == roles


@pytest.mark.parametrize(
    ("email", "verified", "trusted", "is_so"),
    [
        ("ada@example.org", True, {"example.org"}, True),
        ("ada@EXAMPLE.org", True, {"example.org"}, True),
        ("ada@example.org", True, {EVERY_DOMAIN}, True),
        ("ada@example.org", False, {"example.org"}, False),
        ("ada@example.org", False, {EVERY_DOMAIN}, False),
        ("ada@sub.example.org", True, {"example.org"}, False),
        ("ada@example.org.evil.example", True, {"example.org"}, False),
        ("ada@example.org", True, set(), False),
        # By IDNA 2008 these are two domains.
        ("ada@faß.example", True, {"fass.example"}, False),
        (None, True, {EVERY_DOMAIN}, False),
    ],
)
def test_an_address_is_trusted_where_its_domain_is_the_provider_s_to_vouch_for(
    email: str | None, verified: bool, trusted: set[str], is_so: bool
) -> None:
    person = Vouched(PROVIDER.issuer, "1", email, verified)
    assert is_trusted(replace(PROVIDER, trusted_domains=frozenset(trusted)), person) is is_so


@pytest.mark.parametrize(
    ("email", "hd", "is_so"),
    [
        ("ada@example.org", "example.org", True),
        ("ada@example.org", "EXAMPLE.org", True),
        ("ada@example.org", None, False),
        ("ada@example.org", "else.example", False),
        ("ada@sub.example.org", "example.org", False),
    ],
)
def test_google_vouches_for_the_addresses_of_the_workspace_s_own_domain(
    email: str, hd: str | None, is_so: bool
) -> None:
    person = Vouched(GOOGLE, "1", email, email_verified=True, hd=hd)
    assert is_trusted(GOOGLES, person) is is_so
    # Of another provider `hd` says nothing.
    assert not is_trusted(PROVIDER, person)


@pytest.mark.parametrize(
    ("rules", "person", "may"),
    [
        ({}, {}, True),
        ({"hd": "example.org"}, {"hd": "example.org"}, True),
        ({"hd": "example.org"}, {"hd": "else.example"}, False),
        ({"hd": "example.org"}, {"email": "ada@example.org", "email_verified": True}, False),
        ({"allowed_domains": {"example.org"}}, {"email": "ada@example.org", "email_verified": True}, True),
        ({"allowed_domains": {"example.org"}}, {"email": "ada@example.org"}, False),
        ({"allowed_domains": {"example.org"}}, {"email": "ada@sub.example.org", "email_verified": True}, False),
        ({"allowed_domains": {"fass.example"}}, {"email": "ada@faß.example", "email_verified": True}, False),
        ({"allowed_domains": {"example.org"}}, {}, False),
    ],
)
def test_who_may_sign_in(rules: dict[str, Any], person: dict[str, Any], may: bool) -> None:
    assert may_sign_in(replace(PROVIDER, **rules), Vouched(PROVIDER.issuer, "1", **person)) is may
