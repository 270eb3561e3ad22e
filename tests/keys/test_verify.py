"""What `verify` accepts, and that everything else is one error: RFC 8725 §3, RFC 7515 §4, §7."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from typing import Any, get_args

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry

from authserver.keys import InvalidToken, Keys
from authserver.keys.material import LoadedKey
from authserver.master_key import MasterKey, new_key
from authserver.protocol.client.client import SigningAlg
from authserver.store.upkeep import migrations
from tests.conftest import make_settings, open_database
from tests.keys.conftest import ISSUER, T0

TYP = "at+jwt"
REGISTRY = JWSRegistry(algorithms=["RS256", "ES256", "RS384", "PS256"], strict_check_header=False)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keys]:
    """The keys of one server for all cases here: none of them changes anything."""
    database = open_database(f"sqlite:///{tmp_path_factory.mktemp('verify') / 'authserver.db'}")
    migrations.upgrade(database)
    keys = Keys(database, MasterKey([new_key()], "a test"), make_settings(issuer=ISSUER))
    keys.maintain(T0, get_args(SigningAlg))
    yield keys
    database.engine.dispose()


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _claims(**changes: Any) -> dict[str, Any]:
    claims = {"iss": ISSUER, "sub": "ada", "iat": T0, "exp": T0 + 600, **changes}
    return {name: value for name, value in claims.items() if value is not None}


def _signer(keys: Keys, alg: str = "RS256") -> LoadedKey:
    return keys._snapshot.signer(alg, T0)


def _header(keys: Keys, /, **changes: Any) -> dict[str, Any]:
    header = {"alg": "RS256", "kid": _signer(keys).kid, "typ": TYP, **changes}
    return {name: value for name, value in header.items() if value is not None}


def _forge(keys: Keys, header: dict[str, Any], payload: bytes | None = None) -> str:
    """A token whose signature is good: with our own key over any header and payload."""
    alg = REGISTRY.get_alg("ES256" if header.get("alg") == "ES256" else "RS256")
    body = orjson.dumps(_claims()) if payload is None else payload
    signed = f"{_b64(orjson.dumps(header))}.{_b64(body)}"
    return f"{signed}.{_b64(alg.sign(signed.encode(), _signer(keys, alg.name).private))}"


def _refused(keys: Keys, token: str) -> None:
    with pytest.raises(InvalidToken):
        keys.verify(token, TYP, now=T0)


@pytest.mark.parametrize("alg", get_args(SigningAlg))
def test_what_the_server_signs_it_verifies(keys: Keys, alg: str) -> None:
    assert keys.verify(keys.sign(_claims(), TYP, T0, alg), TYP, now=T0) == _claims()


@pytest.mark.parametrize("typ", ["AT+JWT", "application/at+jwt", "Application/At+Jwt"])
def test_types_compare_without_case_and_prefix(keys: Keys, typ: str) -> None:
    assert keys.verify(_forge(keys, _header(keys, typ=typ)), TYP, now=T0)


@pytest.mark.parametrize("typ", ["JWT", "logout+jwt", "", "at+jwt ", "x/at+jwt", "application/jwt"])
def test_another_type_of_token_is_refused(keys: Keys, typ: str) -> None:
    _refused(keys, _forge(keys, _header(keys, typ=typ)))


def test_a_jose_library_reads_what_the_server_signs(keys: Keys) -> None:
    token = keys.sign(_claims(), TYP, T0)
    published = next(key for key in orjson.loads(keys.jwks()[0])["keys"] if key["alg"] == "RS256")
    found = jws.deserialize_compact(token, RSAKey.import_key(published), algorithms=["RS256"])
    assert found.headers() == _header(keys)
    assert orjson.loads(found.payload) == _claims()


@pytest.mark.parametrize(
    "changes",
    [
        {"alg": "none"},
        {"alg": "None"},
        {"alg": "HS256"},
        {"alg": "RS384"},
        {"alg": "PS256"},
        {"alg": "ES256"},
        {"alg": None},
        {"alg": ["RS256"]},
        {"kid": None},
        {"kid": 7},
        {"kid": ""},
        {"kid": "../../master.key"},
        {"kid": "' OR 1=1 --"},
        {"kid": "k" * 43},
        {"typ": None},
        {"typ": {"a": 1}},
        {"crit": []},
        {"crit": ["exp"], "exp": 1},
        {"b64": False, "crit": ["b64"]},
        {"b64": True},
        {"jwk": {"kty": "oct", "k": "AAAA"}},
        {"jku": "https://attacker.test/jwks"},
        {"x5u": "https://attacker.test/cert"},
        {"x5c": ["AAAA"]},
        {"zip": "DEF"},
        {"enc": "A128GCM"},
        {"cty": "JWT"},
        {"unknown": 1},
    ],
)
def test_a_header_that_this_server_does_not_write_is_refused(keys: Keys, changes: dict[str, Any]) -> None:
    _refused(keys, _forge(keys, _header(keys, **changes)))


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://sso.example.com/"},
        {"iss": None},
        {"iss": [ISSUER]},
        {"exp": None},
        {"exp": T0},
        {"exp": T0 - 1},
        {"exp": str(T0 + 600)},
        {"exp": T0 + 0.5},
        {"exp": True},
        {"iat": None},
        {"iat": T0 + 3600},
        {"iat": "now"},
        {"nbf": T0 + 3600},
        {"nbf": "now"},
    ],
)
def test_claims_that_do_not_hold_are_refused(keys: Keys, changes: dict[str, Any]) -> None:
    _refused(keys, keys.sign(_claims(**changes), TYP, T0))


def test_seconds_of_clock_skew_are_borne(keys: Keys) -> None:
    assert keys.verify(keys.sign(_claims(iat=T0 + 5, nbf=T0 + 5), TYP, T0), TYP, now=T0)


def test_expiry_is_exact_has_its_leeway_and_can_be_left_out(keys: Keys) -> None:
    token = keys.sign(_claims(), TYP, T0)
    assert keys.verify(token, TYP, now=T0 + 599)
    assert keys.verify(token, TYP, now=T0 + 609, leeway=10)
    assert keys.verify(token, TYP, now=T0 + 86400, ignore_expiry=True)
    with pytest.raises(InvalidToken, match="expired"):
        keys.verify(token, TYP, now=T0 + 610, leeway=10)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b"\xff\xfe",
        b'{"iss": NaN}',
        b"[" * 5000,
        b'{"a":' * 2000,
        b'{"a": "\\ud800"}',
    ],
)
def test_a_payload_that_is_no_json_object_is_refused(keys: Keys, payload: bytes) -> None:
    _refused(keys, _forge(keys, _header(keys), payload))


@pytest.mark.parametrize("header", [b"", b"null", b"[]", b"{", b"\xff", b"[" * 300, b'{"alg":{"a":{}}}', b"{}"])
def test_a_header_that_is_no_proper_object_is_refused(keys: Keys, header: bytes) -> None:
    _, payload, signature = keys.sign(_claims(), TYP, T0).split(".")
    _refused(keys, f"{_b64(header)}.{payload}.{signature}")


def test_every_changed_part_is_refused(keys: Keys) -> None:
    header, payload, signature = keys.sign(_claims(), TYP, T0).split(".")
    other = keys.sign(_claims(sub="eve"), TYP, T0).split(".")
    for token in (
        f"{header}.{other[1]}.{signature}",
        f"{header}.{payload}.{other[2]}",
        f"{header}.{payload}.",
        f"{header}.{payload}",
        f"{header}..{signature}",
        f".{payload}.{signature}",
        f"{header}.{payload}.{signature}.",
        f"{header}.{payload}.{signature}=",
        f"{header}.{payload}.{signature}A",
        f"{header}.{payload}.{signature[:-4]}",
        f" {header}.{payload}.{signature}",
        f"{header}.{payload}.{signature}\n",
        f"{header}\n.{payload}.{signature}",
        f"{header}.{payload}.{signature[:-1]}+",
        f"{header}.a.b.c.{signature}",
        f"é{header[1:]}.{payload}.{signature}",
        f"{header}.{payload}.{signature}\x00",
        "",
        ".",
        "..",
        "....",
        '{"payload":"e30","signatures":[]}',
    ):
        _refused(keys, token)


@pytest.mark.parametrize("length", [16385, 200_000, 5_000_000])
def test_a_huge_token_is_refused_by_its_size(keys: Keys, length: int) -> None:
    header = keys.sign(_claims(), TYP, T0).partition(".")[0]
    with pytest.raises(InvalidToken, match="size"):
        keys.verify(f"{header}.{'A' * length}.AAAA", TYP, now=T0)


def test_a_token_under_a_foreign_key_with_our_kid_is_refused(keys: Keys) -> None:
    strange = RSAKey.import_key(rsa.generate_private_key(65537, 2048))
    for alg, native in (
        ("RS256", strange),
        ("PS256", strange),
        ("ES256", ECKey.import_key(ec.generate_private_key(ec.SECP256R1()))),
    ):
        header = _header(keys, alg=alg, kid=_signer(keys, alg).kid)
        _refused(keys, jws.serialize_compact(header, orjson.dumps(_claims()), native, algorithms=[alg]))


def test_hmac_with_the_public_key_as_its_secret_is_refused(keys: Keys) -> None:
    public = _signer(keys).public
    signed = f"{_b64(orjson.dumps(_header(keys, alg='HS256')))}.{_b64(orjson.dumps(_claims()))}"
    for secret in (public.as_pem(), public.as_der(), keys.jwks()[0], b""):
        digest = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
        _refused(keys, f"{signed}.{_b64(digest)}")


@pytest.mark.parametrize("signature", [b"\x00" * 64, b"\xff" * 64, b"\x00" * 63, b""], ids=len)
def test_an_empty_or_zero_ecdsa_signature_is_refused(keys: Keys, signature: bytes) -> None:
    header = _header(keys, alg="ES256", kid=_signer(keys, "ES256").kid)
    _refused(keys, f"{_b64(orjson.dumps(header))}.{_b64(orjson.dumps(_claims()))}.{_b64(signature)}")


def test_bad_tokens_ask_the_database_at_most_once_a_second(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    refresh = Keys.refresh

    def counted(self: Keys, now: int) -> None:
        asked.append(now)
        refresh(self, now)

    monkeypatch.setattr(Keys, "refresh", counted)
    for second in (T0 + 10, T0 + 11):
        for number in range(50):
            token = _forge(keys, _header(keys, kid=f"{number:043}"))
            with pytest.raises(InvalidToken):
                keys.verify(token, TYP, now=second)
    assert asked == [T0 + 10, T0 + 11]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.text() | st.from_regex(r"[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*", fullmatch=True))
def test_any_text_is_refused_with_one_error(keys: Keys, token: str) -> None:
    _refused(keys, token)


@given(
    st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "jwk"]) | st.text(), JSON, min_size=1),
    st.binary(max_size=200),
)
def test_any_header_over_any_payload_is_refused_with_one_error(
    keys: Keys, header: dict[str, Any], payload: bytes
) -> None:
    _refused(keys, _forge(keys, _header(keys, **header), payload))
