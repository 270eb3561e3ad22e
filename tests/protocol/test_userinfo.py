"""The claims that each scope opens (OpenID Connect Core §5.3.2, §5.4)."""

import pytest

from authserver.protocol.token.userinfo import SUPPORTED, userinfo_claims

PERSON: dict[str, object] = {
    "preferred_username": "ada",
    "name": "Ada",
    "given_name": None,
    "updated_at": 1,
    "email": "ada@example.com",
    "email_verified": False,
    "address": {"country": "UK"},
    "phone_number": "+441632960000",
    "phone_number_verified": False,
    "password_hash": "secret",
    "roles": ["admin"],
}


@pytest.mark.parametrize(
    ("scope", "names"),
    [
        (set(), {"sub"}),
        ({"openid"}, {"sub"}),
        ({"profile"}, {"sub", "preferred_username", "name", "updated_at"}),
        ({"email"}, {"sub", "email", "email_verified"}),
        (
            {"openid", "profile", "email"},
            {"sub", "preferred_username", "name", "updated_at", "email", "email_verified"},
        ),
        ({"address", "phone"}, {"sub", "address", "phone_number", "phone_number_verified"}),
        ({"birthdate", "roles"}, {"sub"}),
    ],
)
def test_a_scope_opens_its_claims_and_unknown_ones_are_left_out(scope: set[str], names: set[str]) -> None:
    claims = userinfo_claims("s", PERSON, scope)
    assert claims.keys() == names
    assert claims.keys() <= set(SUPPORTED)


def test_an_address_that_is_not_verified_is_said_to_be_so() -> None:
    assert userinfo_claims("s", PERSON, {"email"})["email_verified"] is False


def test_without_an_address_nothing_is_verified() -> None:
    assert userinfo_claims("s", PERSON | {"email": None, "email_verified": True}, {"email"}) == {"sub": "s"}


def test_the_subject_cannot_be_overwritten_by_a_claim() -> None:
    assert userinfo_claims("s", PERSON | {"sub": "other"}, {"profile", "email"})["sub"] == "s"
