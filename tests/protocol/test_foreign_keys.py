"""A token of somebody else is held against the signer's own keys, and no key that it brings or invents."""

from collections.abc import Iterator
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from authserver.protocol.upstream import foreign_jwt
from authserver.protocol.upstream.foreign_jwt import ForeignJwtError
from authserver.protocol.upstream.foreign_keys import MAX_KEYS
from tests.protocol.signer import ABSENT, CLAIMS, EXPECTED, HEADER, key, public, read, refused, signed, token, written


def test_a_key_that_the_token_brings_is_not_read() -> None:
    theirs = key("ES256", "theirs")
    for header in (
        {"jwk": public(theirs)},
        {"jku": "https://attacker.example/jwks.json"},
        {"x5u": "https://attacker.example/key.pem"},
        {"x5c": ["MIIB"]},
        {"jwk": public(theirs), "kid": "theirs"},
        {"jwk": public(theirs), "kid": ABSENT},
    ):
        forged = signed(written(HEADER | header), written(CLAIMS), theirs)
        assert "no key" in refused(forged)
        # Beside a good signature it is as good as not there.
        if header.get("kid") != "theirs":
            assert read(token(header)) == CLAIMS


@pytest.mark.parametrize("kid", [None, 5, ["one"], {"one": 1}])
def test_a_kid_that_is_no_text_names_no_key(kid: object) -> None:
    several = {"keys": [public(key("ES256")), public(key("ES256", "two"))]}
    assert refused(token({"kid": kid}), several)


@pytest.mark.parametrize("kid", ["two", "", "ONE", "../one", "one\x00", "' OR 1=1"])
def test_a_kid_is_one_of_the_signers_or_none(kid: str) -> None:
    assert "no key" in refused(token({"kid": kid}))


def test_a_kid_may_be_left_out_only_where_there_is_one_key_to_choose_from() -> None:
    one, two = public(key("ES256")), public(key("ES256", "two"))
    assert read(token({"kid": ABSENT}), {"keys": [one]}) == CLAIMS
    assert "no key" in refused(token({"kid": ABSENT}), {"keys": [one, two]})


@pytest.mark.parametrize(
    "wrong",
    [
        {"use": "enc"},
        {"alg": "ES384"},
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "RSA"},
        {"kty": None},
        {"alg": []},
        {"alg": {}},
        {"use": []},
        {"crv": "P-384"},
        {"crv": "P-256K"},
        {"x": "AA"},
        {"x": 5},
    ],
)
def test_a_key_that_is_not_for_this_is_passed_over(wrong: dict[str, Any]) -> None:
    assert "no key" in refused(token(), {"keys": [public(key("ES256"), **wrong)]})
    assert read(token(), {"keys": [public(key("ES256"), **wrong), public(key("ES256"))]}) == CLAIMS


@pytest.mark.filterwarnings("ignore:Key size")
def test_a_short_rsa_key_signs_nothing() -> None:
    short = RSAKey.generate_key(1024, {"kid": "one"})
    forged = signed(written(HEADER | {"alg": "RS256"}), written(CLAIMS), short, "RS256")
    assert "no key" in refused(forged, {"keys": [public(short)]})


@pytest.mark.parametrize("keys", [None, {}, "keys", [], [None, 5, [], "one"], ABSENT])
def test_a_key_set_that_is_none_has_no_keys(keys: object) -> None:
    assert "no key" in refused(token(), {} if keys is ABSENT else {"keys": keys})


def test_of_a_huge_key_set_the_first_are_read() -> None:
    many = [{"kty": "EC", "kid": f"{number}"} for number in range(MAX_KEYS)]
    assert "no key" in refused(token(), {"keys": [*many, public(key("ES256"))]})


def test_another_key_set_is_asked_for_only_where_the_first_lacks_the_key() -> None:
    asked = []

    def sets(*found: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for each in found:
            asked.append(each)
            yield each

    old, new = {"keys": [public(key("ES256", "old"))]}, {"keys": [public(key("ES256"))]}
    assert foreign_jwt.read(token(), sets(new, old), EXPECTED)[1] == CLAIMS
    assert foreign_jwt.read(token(), sets(old, new), EXPECTED)[1] == CLAIMS
    assert asked == [new, old, new]
    # A bad signature by a known key is no reason to ask again; a bad head not even one to ask.
    asked.clear()
    for received, count in (
        (signed(written(HEADER), written(CLAIMS), key("ES256", "old")), 1),
        (token({"alg": "none"}), 1),
    ):
        with pytest.raises(ForeignJwtError):
            foreign_jwt.read(received, sets(new, old), EXPECTED)
        assert len(asked) == count
