"""Which tokens a resource server believes: RFC 9068 §4, RFC 8725."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from joserfc import jwe
from joserfc.jwk import ECKey, RSAKey

from authserver.guard import Guard, GuardError, InvalidTokenError
from tests.guard.conftest import Clock, build_guard
from tests.guard.issuer import AUDIENCE, NOW, Issuer, algorithm, encode, jwk, sign, sign_segments


def refuses(guard: Guard, token: str) -> str:
    with pytest.raises(InvalidTokenError) as refusal:
        guard.verify(token)
    return refusal.value.description


def test_a_good_token_says_who_through_which_client_and_with_which_permissions(issuer: Issuer, guard: Guard) -> None:
    token = guard.verify(issuer.token())
    assert (token.sub, token.client_id, token.expires_at) == ("ada", "portal", NOW + 1800)
    assert token.scope == {"openid", "profile"}
    assert token.roles == {"user"}
    assert token.permissions == {"read:reports", "write:reports"}
    assert token.claims["jti"] == "t-1"


def test_an_es256_token_is_believed(issuer: Issuer, guard: Guard, ec_key: ECKey) -> None:
    issuer.keys.append(ec_key)
    assert guard.verify(issuer.token(ec_key)).sub == "ada"


def test_an_algorithm_that_is_not_named_is_refused(issuer: Issuer, clock: Clock, ec_key: ECKey) -> None:
    issuer.keys.append(ec_key)
    guard = build_guard(issuer, clock, algorithms=["RS256"])
    assert "algorithm" in refuses(guard, issuer.token(ec_key))


def test_a_good_token_stays_good_and_its_copy_with_another_signature_does_not(issuer: Issuer, guard: Guard) -> None:
    # The header of a believed token is remembered; its signature is not.
    good, other = issuer.token(), issuer.token(sub="eve")
    guard.verify(good)
    assert "signature" in refuses(guard, good.rpartition(".")[0] + "." + other.rpartition(".")[2])
    assert guard.verify(good).sub == "ada"


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "application/at+jwt"])
def test_the_type_of_an_access_token_may_be_spelled_as_a_media_type(issuer: Issuer, guard: Guard, typ: str) -> None:
    assert guard.verify(issuer.token(header={"typ": typ})).sub == "ada"


@pytest.mark.parametrize("typ", ["JWT", "jwt", "logout+jwt", "dpop+jwt", "at+jwt ", "xat+jwt", "", None, 7])
def test_an_id_token_a_logout_token_and_every_other_kind_is_refused(issuer: Issuer, guard: Guard, typ: Any) -> None:
    assert "typ" in refuses(guard, issuer.token(header={"typ": typ}))


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "HS256", "RS512", "PS256", "", None, ["RS256"]])
def test_an_unsigned_token_and_every_other_algorithm_is_refused(issuer: Issuer, guard: Guard, alg: Any) -> None:
    header = {"alg": alg, "typ": "at+jwt", "kid": issuer.keys[0].thumbprint()}
    segments = [encode(json.dumps(header).encode()), encode(json.dumps(issuer.claims()).encode())]
    for signature in ("", encode(b"x"), issuer.token().rpartition(".")[2]):
        refuses(guard, ".".join([*segments, signature]))


def test_an_hmac_with_the_public_key_is_no_signature(issuer: Issuer, guard: Guard) -> None:
    public = issuer.keys[0].as_pem(private=False)
    for alg in ("HS256", "RS256"):
        header = {"alg": alg, "typ": "at+jwt", "kid": issuer.keys[0].thumbprint()}
        message = encode(json.dumps(header).encode()) + "." + encode(json.dumps(issuer.claims()).encode())
        forged = hmac.new(public, message.encode(), hashlib.sha256).digest()
        refuses(guard, f"{message}.{encode(forged)}")


def test_a_foreign_key_is_refused_under_its_own_and_under_the_right_kid(
    issuer: Issuer, guard: Guard, other_rsa_key: RSAKey
) -> None:
    assert "key" in refuses(guard, issuer.token(other_rsa_key))
    assert "signature" in refuses(guard, issuer.token(other_rsa_key, header={"kid": issuer.keys[0].thumbprint()}))


def test_an_rsa_key_verifies_no_es256_token(issuer: Issuer, guard: Guard, ec_key: ECKey) -> None:
    refuses(guard, issuer.token(ec_key, header={"kid": issuer.keys[0].thumbprint()}))


def test_keys_that_the_token_brings_along_are_not_looked_at(
    issuer: Issuer, guard: Guard, other_rsa_key: RSAKey
) -> None:
    for kid in (other_rsa_key.thumbprint(), issuer.keys[0].thumbprint(), None):
        header = {"kid": kid, "jwk": jwk(other_rsa_key), "jku": issuer.url + "/evil", "x5u": issuer.url + "/evil"}
        refuses(guard, issuer.token(other_rsa_key, header=header))
    assert "/evil" not in issuer.requests


@pytest.mark.parametrize("extra", [{"crit": ["exp"], "exp": 1}, {"crit": []}, {"b64": True}])
def test_an_extension_named_critical_is_refused(issuer: Issuer, guard: Guard, extra: dict[str, Any]) -> None:
    assert "extension" in refuses(guard, issuer.token(header=extra))


def test_a_token_in_a_token_and_an_encrypted_one_are_refused(issuer: Issuer, guard: Guard) -> None:
    key = issuer.keys[0]
    refuses(guard, sign(issuer.token().encode(), key))
    refuses(guard, sign(json.dumps(issuer.token()).encode(), key))
    header = {"alg": "RSA-OAEP", "enc": "A256GCM", "typ": "at+jwt"}
    refuses(guard, jwe.encrypt_compact(header, json.dumps(issuer.claims()), key, algorithms=["RSA-OAEP", "A256GCM"]))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "http://127.0.0.1:1"}, "issuer"),
        ({"iss": None}, "issuer"),
        ({"aud": "https://users.example.com"}, "audience"),
        ({"aud": AUDIENCE + "/"}, "audience"),
        ({"aud": ["https://users.example.com"]}, "audience"),
        ({"aud": {AUDIENCE: 1}}, "audience"),
        ({"aud": None}, "audience"),
        ({"exp": NOW - 31}, "expired"),
        ({"exp": None}, "time"),
        ({"exp": "9999999999"}, "time"),
        ({"exp": True}, "time"),
        ({"iat": NOW + 31}, "not valid yet"),
        ({"iat": None}, "time"),
        ({"nbf": NOW + 31}, "not valid yet"),
        ({"nbf": "soon"}, "time"),
        ({"sub": None}, "claim"),
        ({"sub": 7}, "claim"),
        ({"client_id": None}, "claim"),
        ({"jti": None}, "claim"),
        ({"scope": ["openid"]}, "claim"),
        ({"roles": "admin"}, "roles"),
        ({"permissions": {"read:reports": True}}, "permissions"),
        ({"permissions": [1]}, "permissions"),
    ],
)
def test_a_signed_token_with_a_wrong_claim_is_refused(
    issuer: Issuer, guard: Guard, changes: dict[str, Any], reason: str
) -> None:
    assert reason in refuses(guard, issuer.token(**changes))


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"1e999", b"9" * 5000])
def test_a_time_that_is_no_time_is_refused(issuer: Issuer, guard: Guard, number: bytes) -> None:
    claims = json.dumps(issuer.claims(exp="@")).encode().replace(b'"@"', number)
    refuses(guard, sign(claims, issuer.keys[0]))


@pytest.mark.parametrize("member", ['"sub": "eve"', '"su\\u0062": "eve"', '"x": [{"a": 1, "a": 2}]'])
def test_claims_with_a_member_twice_are_refused(issuer: Issuer, guard: Guard, member: str) -> None:
    assert guard.verify(sign(written(issuer, '"x": [{"a": 1, "b": 2}]'), issuer.keys[0])).sub == "ada"
    assert "compact form" in refuses(guard, sign(written(issuer, member), issuer.keys[0]))


def test_a_header_with_a_member_twice_is_refused(issuer: Issuer, guard: Guard) -> None:
    key = issuer.keys[0]
    for typ in ("", '"typ":"at+jwt",', '"typ":"JWT",'):
        header = f'{{{typ}"typ":"at+jwt","alg":"RS256","kid":"{key.thumbprint()}"}}'
        token = sign_segments(header.encode(), json.dumps(issuer.claims()).encode(), key)
        if typ:
            assert "compact form" in refuses(guard, token)
        else:
            assert guard.verify(token).sub == "ada"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
def test_claims_that_are_not_utf_8_are_refused(issuer: Issuer, guard: Guard, encoding: str) -> None:
    claims = json.dumps(issuer.claims()).encode(encoding)
    assert "compact form" in refuses(guard, sign(claims, issuer.keys[0]))


def test_white_space_around_the_claims_is_borne_and_more_after_them_is_not(issuer: Issuer, guard: Guard) -> None:
    claims = b" \r\n\t" + json.dumps(issuer.claims()).encode() + b"\n "
    assert guard.verify(sign(claims, issuer.keys[0])).sub == "ada"
    assert "compact form" in refuses(guard, sign(claims + b"{}", issuer.keys[0]))


@pytest.mark.parametrize("segment", [0, 1, 2])
@pytest.mark.parametrize("written", ["{}=", "{}\n", " {}", "{}+", "{}/", "{}A===", "A{}AAA"])
def test_a_segment_that_is_not_base64url_is_refused(issuer: Issuer, guard: Guard, segment: int, written: str) -> None:
    segments = issuer.token().split(".")
    segments[segment] = written.format(segments[segment])
    refuses(guard, ".".join(segments))


def written(issuer: Issuer, member: str) -> bytes:
    """Good claims with one more member, which may be there already."""
    return json.dumps(issuer.claims()).removesuffix("}").encode() + f", {member}}}".encode()


def test_seconds_of_skew_are_borne_and_the_audience_may_be_one_of_a_list(issuer: Issuer, guard: Guard) -> None:
    changes: dict[str, Any] = {
        "exp": NOW - 29,
        "iat": NOW + 29,
        "nbf": NOW + 29,
        "aud": ["https://x.example", AUDIENCE],
    }
    assert guard.verify(issuer.token(**changes)).sub == "ada"


def test_a_token_without_roles_and_permissions_may_nothing(issuer: Issuer, guard: Guard) -> None:
    token = guard.verify(issuer.token(roles=None, permissions=None, scope=None))
    assert (token.roles, token.permissions, token.scope) == (frozenset(), frozenset(), frozenset())


def test_the_claims_may_bear_other_names(issuer: Issuer, clock: Clock) -> None:
    guard = build_guard(issuer, clock, roles_claim="groups", permissions_claim="https://example.com/may")
    claims = issuer.claims() | {"groups": ["staff"], "https://example.com/may": ["write:x"]}
    token = guard.verify(sign(claims, issuer.keys[0]))
    assert token.roles == {"staff"}
    assert token.permissions == {"write:x"}


def test_a_refusal_repeats_nothing_of_the_token(issuer: Issuer, guard: Guard) -> None:
    for token in (issuer.token(iss="https://evil"), issuer.token(header={"typ": "evil"}), "evil.evil.evil"):
        assert "evil" not in refuses(guard, token)


NESTED = encode(b"[" * 9000)


@given(st.text(max_size=400) | st.binary(max_size=400).map(lambda raw: raw.decode("latin-1")))
@example("")
@example("..")
@example("a.b.c.d.e")
@example("é.é.é")
@example("\x00.\x00.\x00")
@example("A" * 20000)
@example(f"{NESTED}.e30.e30")
@example(f"e30.{NESTED}.e30")
@example("e30=.e30=.e30=")
@example('{"payload":"e30","signatures":[]}')
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None)
def test_no_text_whatever_raises_anything_but_a_refusal(guard: Guard, text: str) -> None:
    with pytest.raises(GuardError):
        guard.verify(text)


@given(
    st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "jwk", "b64"]), st.none() | st.integers() | st.text())
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None)
def test_no_header_whatever_raises_anything_but_a_refusal(
    issuer: Issuer, guard: Guard, header: dict[str, object]
) -> None:
    whole = {"alg": algorithm(issuer.keys[0]), "typ": "at+jwt", "kid": "x"} | header
    segment = encode(json.dumps(whole).encode())
    with pytest.raises(GuardError):
        guard.verify(f"{segment}.{encode(json.dumps(issuer.claims()).encode())}.{encode(b'x' * 256)}")


@pytest.mark.parametrize(
    "options",
    [
        {"issuer": "http://login.example.com"},
        {"issuer": "http://localhost:80@evil.example"},
        {"issuer": "https://login.example.com/"},
        {"issuer": "https://ada@login.example.com"},
        {"issuer": "https://login.example.com#x"},
        {"issuer": "https://lögin.example.com"},
        {"issuer": "ftp://login.example.com"},
        {"audience": ""},
        {"audience": 'a"b'},
        {"algorithms": ["HS256"]},
        {"algorithms": ["none"]},
        {"algorithms": []},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "http://10.0.0.1/jwks.json"},
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused_at_once(options: dict[str, Any]) -> None:
    good: dict[str, Any] = {"issuer": "https://login.example.com", "audience": AUDIENCE}
    Guard(**good)
    with pytest.raises(ValueError, match="must"):
        Guard(**(good | options))
