"""A token whose signature was found good is not trusted any further for it."""

import pytest

from authserver.keys import InvalidToken, Keys, signed_token
from authserver.keys.material import LoadedKey
from authserver.keys.verified import Verified
from tests.keys.conftest import ISSUER, T0, MakeKeys
from tests.keys.moves import revoke

TYP = "at+jwt"


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tokens whose signature was really checked."""
    tokens: list[str] = []
    read_claims = signed_token.read_claims

    def spy(token: str, key: LoadedKey) -> dict[str, object]:
        tokens.append(token)
        return read_claims(token, key)

    monkeypatch.setattr(signed_token, "read_claims", spy)
    return tokens


def _token(keys: Keys, sub: str = "ada") -> str:
    return keys.sign({"iss": ISSUER, "sub": sub, "iat": T0, "exp": T0 + 600}, TYP, T0)


def test_a_signature_is_checked_once(keys: Keys, checked: list[str]) -> None:
    token = _token(keys)
    assert keys.verify(token, TYP, now=T0) == keys.verify(token, TYP, now=T0)
    assert checked == [token]


def test_a_known_token_still_expires(keys: Keys) -> None:
    token = _token(keys)
    keys.verify(token, TYP, now=T0 + 599)
    with pytest.raises(InvalidToken, match="expired"):
        keys.verify(token, TYP, now=T0 + 600)


def test_a_known_token_is_still_of_one_type(keys: Keys) -> None:
    token = _token(keys)
    keys.verify(token, TYP, now=T0)
    with pytest.raises(InvalidToken, match="type"):
        keys.verify(token, "JWT", now=T0)


def test_a_known_token_ends_with_its_key(keys: Keys, another: MakeKeys) -> None:
    token = _token(keys)
    keys.verify(token, TYP, now=T0)
    other = another()
    other.refresh(T0)
    revoke(other, other._snapshot.signer("RS256", T0).kid, T0 + 1)
    keys.refresh(T0 + 1)
    with pytest.raises(InvalidToken, match="kid"):
        keys.verify(token, TYP, now=T0 + 1)


def test_another_signature_under_known_claims_is_checked(keys: Keys, checked: list[str]) -> None:
    token = _token(keys)
    keys.verify(token, TYP, now=T0)
    forged = token[:-8] + ("A" * 8 if token[-8:] != "A" * 8 else "B" * 8)
    with pytest.raises(InvalidToken, match="signature"):
        keys.verify(forged, TYP, now=T0)
    with pytest.raises(InvalidToken, match="signature"):
        keys.verify(forged, TYP, now=T0)
    assert checked == [token, forged, forged]


def test_what_a_caller_does_to_the_claims_is_his_own_affair(keys: Keys) -> None:
    token = _token(keys)
    keys.verify(token, TYP, now=T0)["sub"] = "mallory"
    keys.verify(token, TYP, now=T0).pop("exp")
    assert keys.verify(token, TYP, now=T0) == {"iss": ISSUER, "sub": "ada", "iat": T0, "exp": T0 + 600}


def test_only_so_many_are_remembered_and_the_oldest_goes_first(keys: Keys, checked: list[str]) -> None:
    verified, key = Verified(most=2), keys._snapshot.signer("RS256", T0)
    first, second, third = (_token(keys, sub) for sub in ("ada", "bob", "eve"))
    for token in (first, second, third, third, second, first):
        verified.claims(token, key)
    assert len(verified) == 2
    assert checked == [first, second, third, first]
