"""A token of somebody else is read in one way only, and nothing that it says of itself opens another."""

import hmac
import json
from collections.abc import Callable

import pytest

from authserver.protocol.upstream import foreign_jwt
from authserver.protocol.upstream.foreign_jwt import MAX_HEADER, MAX_TIME, MAX_TOKEN, SKEW, Expected, ForeignJwtError
from authserver.protocol.upstream.foreign_keys import ASYMMETRIC
from tests.protocol.signer import (
    ABSENT,
    AUDIENCE,
    CLAIMS,
    EXPECTED,
    HEADER,
    ISSUER,
    NOW,
    b64,
    key,
    public,
    read,
    refused,
    signed,
    token,
    written,
)


@pytest.mark.parametrize("alg", sorted(ASYMMETRIC))
def test_a_token_by_each_asymmetric_algorithm_is_read(alg: str) -> None:
    found = signed(written(HEADER | {"alg": alg}), written(CLAIMS), key(alg), alg)
    assert foreign_jwt.read(found, [{"keys": [public(key(alg))]}], EXPECTED) == (alg, CLAIMS)


@pytest.mark.parametrize("alg", ["none", "None", "", ABSENT, None, 5, ["ES256"], {"a": 1}, "HS256", "RSA1_5", "es256"])
def test_no_other_algorithm_is(alg: object) -> None:
    assert "algorithm" in refused(token({"alg": alg}))


def test_a_token_without_a_signature_is_refused_whatever_it_says() -> None:
    for alg in ("none", "ES256"):
        assert refused(f"{b64(written(HEADER | {'alg': alg}))}.{b64(written(CLAIMS))}.")


def test_a_public_key_is_no_secret_that_could_sign() -> None:
    pem = key("RS256").as_pem(private=False)
    header = written(HEADER | {"alg": "HS256"})
    for secret in (bytes(pem), written(public(key("RS256")))):
        message = f"{b64(header)}.{b64(written(CLAIMS))}"
        signature = hmac.digest(secret, message.encode(), "sha256")
        forged = f"{message}.{b64(signature)}"
        everything = Expected(ASYMMETRIC | {"HS256", "none"}, EXPECTED.types, ISSUER, AUDIENCE, NOW)
        for expected in (EXPECTED, everything):
            assert "algorithm" in refused(forged, {"keys": [public(key("RS256"))]}, expected=expected)


def test_an_algorithm_that_the_signer_does_not_use_is_refused() -> None:
    only_rs256 = Expected(frozenset({"RS256"}), EXPECTED.types, ISSUER, AUDIENCE, NOW)
    assert "algorithm" in refused(token(), expected=only_rs256)


@pytest.mark.parametrize("typ", ["some+jwt", "SOME+JWT", "application/some+jwt", "Application/Some+JWT"])
def test_a_type_is_compared_without_case_and_prefix(typ: str) -> None:
    assert read(token({"typ": typ})) == CLAIMS


@pytest.mark.parametrize(
    "typ", ["", "jwt", "JWT", "at+jwt", "logout+jwt", "text/some+jwt", ABSENT, None, 5, ["some+jwt"]]
)
def test_another_type_is_refused(typ: object) -> None:
    assert refused(token({"typ": typ})) == "another type of token"


@pytest.mark.parametrize("typ", ["", None, 5, "at+jwt"])
def test_where_the_type_may_be_left_out_none_that_is_there_passes(typ: object) -> None:
    lenient = Expected(ASYMMETRIC, frozenset({None}), ISSUER, AUDIENCE, NOW)
    assert read(token({"typ": ABSENT}), expected=lenient) == CLAIMS
    assert refused(token({"typ": typ}), expected=lenient) == "another type of token"


@pytest.mark.parametrize(
    "header", [{"crit": ["exp"], "exp": 1}, {"crit": []}, {"crit": None}, {"b64": False}, {"zip": "DEF"}]
)
def test_what_changes_the_meaning_of_the_rest_is_refused(header: dict[str, object]) -> None:
    assert "meaning" in refused(token(header))


CHANGES: dict[str, Callable[[str, str, str], str]] = {
    "another payload": lambda h, p, s: f"{h}.{b64(written(CLAIMS | {'sub': '2'}))}.{s}",
    "another header": lambda h, p, s: f"{b64(written(HEADER | {'x': 1}))}.{p}.{s}",
    "a signature that is cut": lambda h, p, s: f"{h}.{p}.{s[:-4]}",
    "a signature of zeros": lambda h, p, s: f"{h}.{p}.{b64(bytes(64))}",
    "padding": lambda h, p, s: f"{h}.{p}.{s}==",
    "padding in the header": lambda h, p, s: f"{h}=.{p}.{s}",
    "white space": lambda h, p, s: f"{h}.{p}.{s}\n",
    "white space inside": lambda h, p, s: f"{h[:4]} {h[4:]}.{p}.{s}",
    "the other alphabet": lambda h, p, s: f"{h}.{p}.{'+/' + s[2:]}",
    "two parts": lambda h, p, s: f"{h}.{p}",
    "four parts": lambda h, p, s: f"{h}.{p}.{s}.",
    "five parts, as of a JWE": lambda h, p, s: f"{h}.{p}.{s}.{p}.{s}",
    "no payload": lambda h, p, s: f"{h}..{s}",
    "no header": lambda h, p, s: f".{p}.{s}",
    "nothing": lambda h, p, s: "..",
    "beyond ASCII": lambda h, p, s: f"{h}.{p}.{s}\u00e9",
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_token_that_was_changed_is_refused(change: str) -> None:
    assert refused(CHANGES[change](*token().split(".")))


@pytest.mark.parametrize("received", [None, 5, b"", "", [], {}, {"payload": "", "signatures": []}])
def test_what_is_no_text_is_no_token(received: object) -> None:
    assert refused(received) == "no compact JWS of bearable size"


def test_huge_parts_are_refused_before_they_are_decoded() -> None:
    assert refused(token({"kid": "k" * MAX_HEADER})) == "a header that is too long"
    assert refused(token(claims={"x": "x" * MAX_TOKEN})) == "no compact JWS of bearable size"


DEEP = b"[" * 20_000
PAYLOADS = {
    "a token inside": token().encode(),
    "a token inside, as a string": json.dumps(token()).encode(),
    "a list": b"[]",
    "null": b"null",
    "nothing": b"",
    "two objects": written(CLAIMS) * 2,
    "depth": b'{"a":' + DEEP,
    "bytes that are no UTF-8": b'{"a": "\xff"}',
    "a member twice": written(CLAIMS)[:-1] + b', "sub": "2"}',
    "a member twice, deeper": written(CLAIMS)[:-1] + b', "events": {"a": 1, "a": 2}}',
    "a member twice by another spelling": written(CLAIMS)[:-1] + b', "su\\u0062": "2"}',
    "NaN": written(CLAIMS | {"exp": float("nan")}),
    "infinity": written(CLAIMS | {"exp": float("inf")}),
    "half a character in bytes": written(CLAIMS)[:-1] + b', "x": "\xed\xa0\x80"}',
    "UTF-16": written(CLAIMS).decode().encode("utf-16-le"),
    "too many digits": written(CLAIMS)[:-1] + b', "x": ' + b"9" * 5000 + b"}",
}


@pytest.mark.parametrize("payload", PAYLOADS)
def test_claims_are_one_json_object_without_doubt(payload: str) -> None:
    assert refused(signed(written(HEADER), PAYLOADS[payload]))


HALVES = [b', "x": ["\\ud800"]}', b', "\\udfff": 1}', b', "x": {"\\ude00": 1}}']


@pytest.mark.parametrize("half", HALVES)
def test_a_claim_that_holds_half_a_character_says_nothing(half: bytes) -> None:
    claims = read(signed(written(HEADER), written(CLAIMS)[:-1] + half))
    assert claims.pop("x", None) is None
    assert claims == CLAIMS


@pytest.mark.parametrize("half", HALVES)
def test_what_a_client_signs_holds_no_half_a_character(half: bytes) -> None:
    made = signed(written(HEADER), written({"iss": ISSUER})[:-1] + half)
    with pytest.raises(ForeignJwtError, match="not JSON in UTF-8"):
        foreign_jwt.signed_claims(made, [{"keys": [public(key("ES256"))]}], ASYMMETRIC, EXPECTED.types)


@pytest.mark.parametrize(
    "header",
    [
        written(HEADER)[:-1] + b', "x": "\\ud800"}',
        written(HEADER)[:-1] + b', "alg": "none"}',
        written(HEADER)[:-1] + b', "kid": "one"}',
        b"[]",
        b"{}",
        b"\xff",
        b'{"a":' + DEEP[:2000],
    ],
)
def test_a_header_is_one_json_object_without_doubt(header: bytes) -> None:
    assert refused(signed(header, written(CLAIMS)))


@pytest.mark.parametrize("issuer", [ABSENT, None, "", f"{ISSUER}/", ISSUER.upper(), [ISSUER], {ISSUER: 1}, 5])
def test_another_issuer_is_refused(issuer: object) -> None:
    assert refused(token(claims={"iss": issuer})) == "another issuer"


@pytest.mark.parametrize("audience", [AUDIENCE, [AUDIENCE], ["other", AUDIENCE]])
def test_an_audience_is_one_or_one_of_several(audience: object) -> None:
    assert read(token(claims={"aud": audience}))["aud"] == audience


@pytest.mark.parametrize("audience", [ABSENT, None, "", "other", f"{AUDIENCE}x", [], [[AUDIENCE]], {AUDIENCE: 1}, 5])
def test_another_audience_is_refused(audience: object) -> None:
    assert refused(token(claims={"aud": audience})) == "another audience"


@pytest.mark.parametrize(
    "times",
    [
        {"exp": NOW - SKEW + 1},
        {"exp": NOW + 60.5},
        {"exp": MAX_TIME - 1},
        {"iat": NOW + SKEW},
        {"iat": NOW - 600},
        {"iat": NOW - 0.5},
        {"nbf": NOW + SKEW},
        {"nbf": 0},
    ],
)
def test_clocks_may_differ_by_a_minute(times: dict[str, object]) -> None:
    assert read(token(claims=times)) == CLAIMS | times


@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
@pytest.mark.parametrize("value", [None, "", str(NOW), True, [NOW], {}, -1, -0.5, MAX_TIME, 10**400, 1e300])
def test_what_is_no_time_is_refused(name: str, value: object) -> None:
    assert refused(token(claims={name: value})) == f"{name} is no time"


@pytest.mark.parametrize(
    ("times", "reason"),
    [
        ({"exp": NOW - SKEW}, "expired"),
        ({"exp": 0}, "expired"),
        ({"exp": ABSENT}, "exp is no time"),
        ({"iat": ABSENT}, "iat is no time"),
        ({"iat": NOW + SKEW + 1}, "from the future"),
        ({"nbf": NOW + SKEW + 1}, "from the future"),
        ({"iat": NOW - 601}, "issued too long ago"),
    ],
)
def test_a_token_of_another_time_is_refused(times: dict[str, object], reason: str) -> None:
    assert refused(token(claims=times)) == reason


def test_how_old_a_token_is_does_not_matter_where_nobody_asks() -> None:
    any_age = Expected(ASYMMETRIC, EXPECTED.types, ISSUER, AUDIENCE, NOW)
    assert read(token(claims={"iat": 0}), expected=any_age)["iat"] == 0


def test_a_refusal_repeats_nothing_of_what_was_received() -> None:
    planted = "planted\nline"
    for received in (
        token({"alg": planted}),
        token({"kid": planted}),
        token({"typ": planted}),
        token(claims={"iss": planted}),
    ):
        assert "planted" not in refused(received)
