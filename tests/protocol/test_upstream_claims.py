"""Of a provider's tokens every claim is checked, and none switches a check off."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

import pytest

from authserver.protocol.upstream.claims import BACKCHANNEL_LOGOUT, MAX_AGE_OF_LOGOUT, id_token, logout_token
from authserver.protocol.upstream.fault import UpstreamError
from authserver.protocol.upstream.foreign_jwt import SKEW
from authserver.protocol.upstream.foreign_keys import ASYMMETRIC
from tests.protocol.signer import key, public, signed, written

NOW = 1_800_000_000
ISSUER, CLIENT, NONCE, TOKEN = "https://id.example", "authserver", "n-1", "access"
ABSENT = object()
ID_TOKEN = {"iss": ISSUER, "aud": CLIENT, "sub": "1", "exp": NOW + 600, "iat": NOW, "nonce": NONCE}
LOGOUT = {
    "iss": ISSUER,
    "aud": CLIENT,
    "sub": "1",
    "exp": NOW + 120,
    "iat": NOW,
    "jti": "j",
    "events": {BACKCHANNEL_LOGOUT: {}},
}


def half(text: str, bits: int = 256) -> str:
    digest = hashlib.new(f"sha{bits}", text.encode()).digest()
    return urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


def changed(claims: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**claims, **changes}.items() if value is not ABSENT}


def check_id(changes: Mapping[str, Any], alg: str = "RS256", typ: object = "JWT") -> None:
    token = signed(written({"alg": alg, "kid": "one", "typ": typ}), written(changed(ID_TOKEN, changes)), key(alg), alg)
    keys = [{"keys": [public(key(alg))]}]
    id_token(token, keys, ASYMMETRIC, issuer=ISSUER, client_id=CLIENT, nonce=NONCE, access_token=TOKEN, now=NOW)


def check_logout(changes: Mapping[str, Any], header: Mapping[str, Any] | None = None) -> None:
    given = {"typ": "logout+jwt"} if header is None else header
    token = signed(written({"alg": "ES256", "kid": "one", **given}), written(changed(LOGOUT, changes)))
    keys = [{"keys": [public(key("ES256"))]}]
    logout_token(token, keys, ASYMMETRIC, issuer=ISSUER, client_id=CLIENT, now=NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"aud": [CLIENT]},
        {"aud": [CLIENT, "other"], "azp": CLIENT},
        {"azp": CLIENT},
        {"exp": NOW - SKEW + 1},
        {"iat": NOW + SKEW},
        {"nbf": NOW + SKEW},
        {"exp": float(NOW + 60)},
        {"at_hash": half(TOKEN)},
    ],
)
def test_an_id_token_for_this_client_of_now_is_good(changes: dict[str, Any]) -> None:
    check_id(changes)


def test_the_hash_of_the_access_token_is_as_long_as_the_algorithm_says() -> None:
    check_id({"at_hash": half(TOKEN, 512)}, "RS512")
    with pytest.raises(UpstreamError):
        check_id({"at_hash": half(TOKEN)}, "RS512")


AUDIENCES = [
    {"iss": ABSENT},
    {"iss": None},
    {"iss": f"{ISSUER}/"},
    {"iss": [ISSUER]},
    {"aud": ABSENT},
    {"aud": []},
    {"aud": "other"},
    {"aud": {CLIENT: 1}},
    {"aud": [[CLIENT]]},
    {"aud": [CLIENT, "other"]},
    {"aud": [CLIENT, "other"], "azp": "other"},
    {"azp": "other"},
    {"azp": None},
    {"exp": ABSENT},
    {"exp": True},
    {"exp": str(NOW + 600)},
    {"exp": -1},
    {"exp": 2**53},
    {"exp": float("nan")},
    {"exp": float("inf")},
    {"exp": NOW - SKEW},
    {"iat": ABSENT},
    {"iat": None},
    {"iat": NOW + SKEW + 1},
]


@pytest.mark.parametrize(
    "changes",
    [
        *AUDIENCES,
        {"nbf": NOW + SKEW + 1},
        {"nbf": None},
        {"nonce": ABSENT},
        {"nonce": None},
        {"nonce": ""},
        {"nonce": [NONCE]},
        {"nonce": "é"},
        {"nonce": f"{NONCE} "},
        {"at_hash": None},
        {"at_hash": ""},
        {"at_hash": half("another")},
    ],
)
def test_any_other_id_token_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(UpstreamError) as error:
        check_id(changes)
    assert error.value.fault == "failed"


@pytest.mark.parametrize("typ", ["at+jwt", "logout+jwt", "", None, 5])
def test_a_token_of_another_type_signs_nobody_in(typ: object) -> None:
    with pytest.raises(UpstreamError):
        check_id({}, typ=typ)


@pytest.mark.parametrize("header", [{}, {"typ": "logout+jwt"}, {"typ": "JWT"}, {"typ": "application/logout+jwt"}])
@pytest.mark.parametrize("changes", [{}, {"sid": "s"}, {"sub": ABSENT, "sid": "s"}, {"iat": NOW - MAX_AGE_OF_LOGOUT}])
def test_a_logout_token_of_now_is_good(header: dict[str, Any], changes: dict[str, Any]) -> None:
    check_logout(changes, header)


@pytest.mark.parametrize("typ", ["at+jwt", "", None, 5, "logout", "application/at+jwt"])
def test_a_token_of_another_type_ends_nothing(typ: object) -> None:
    with pytest.raises(UpstreamError):
        check_logout({}, {"typ": typ})


@pytest.mark.parametrize(
    "changes",
    [
        *AUDIENCES,
        {"iat": NOW - MAX_AGE_OF_LOGOUT - 1},
        {"events": ABSENT},
        {"events": {}},
        {"events": [BACKCHANNEL_LOGOUT]},
        {"events": {BACKCHANNEL_LOGOUT: None}},
        {"events": {BACKCHANNEL_LOGOUT: True}},
        {"nonce": NONCE},
        {"nonce": None},
        {"jti": ABSENT},
        {"jti": ""},
        {"jti": 5},
        {"sub": ABSENT},
        {"sub": ""},
        {"sub": None},
        {"sid": ""},
        {"sid": ["s"]},
    ],
)
def test_any_other_logout_token_ends_nothing(changes: dict[str, Any]) -> None:
    with pytest.raises(UpstreamError) as error:
        check_logout(changes)
    assert error.value.fault == "failed"
