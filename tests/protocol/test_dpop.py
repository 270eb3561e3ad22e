"""DPoP proofs, good and bad (RFC 9449 §4.3): whatever is sent is read as the proof that it is, or refused."""

import hmac
import json
import secrets
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from authserver.protocol.token.dpop import DpopError, check_time, is_thumbprint, read_proof
from tests.flows.dpop import ProofKey, b64
from tests.flows.provider import START, Clock

URL = "https://login.example.com/token"
CLOCK = Clock()
KEY = ProofKey(CLOCK)
ED = ProofKey(CLOCK, ed25519.Ed25519PrivateKey.generate(), "EdDSA")
RSA = ProofKey(CLOCK, rsa.generate_private_key(65537, 2048), "PS256")
SMALL = ProofKey(CLOCK, rsa.generate_private_key(65537, 1024), "RS256")  # noqa: S505 - to be refused
P384 = ProofKey(CLOCK, ec.generate_private_key(ec.SECP384R1()), "ES384")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
MEMBERS = ("typ", "alg", "jwk", "kid", "jku", "x5u", "x5c", "crit", "b64", "zip", "cty")
CLAIMS = ("jti", "htm", "htu", "iat", "ath", "nonce", "exp", "nbf")


def refuses(sent: str) -> bool:
    try:
        read_proof(sent, "POST", URL)
    except DpopError:
        return True
    return False


HEAD = json.dumps({"typ": "dpop+jwt", "alg": "ES256", "jwk": KEY.jwk})
PAYLOAD = json.dumps(KEY.claims("POST", URL, jti="jti"))


@pytest.mark.parametrize("key", [KEY, ED, RSA], ids=lambda key: key.alg)
def test_a_proof_names_its_key_by_the_thumbprint(key: ProofKey) -> None:
    proof = read_proof(key.proof("POST", URL, nonce="n"), "POST", URL)
    assert (proof.jkt, proof.nonce, proof.issued_at) == (key.jkt, "n", START)
    assert is_thumbprint(proof.jkt)


def test_the_thumbprint_is_that_of_the_example_of_its_rfc() -> None:
    # RFC 9449 §4.1 has this key, §6.1 its thumbprint.
    sent = (
        "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJo"
        "RjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJ"
        "qdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0Ijo"
        "xNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg"
    )
    proof = read_proof(sent, "POST", "https://server.example.com/token")
    assert proof.jkt == "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"


@pytest.mark.parametrize(
    "htu",
    [URL, "HTTPS://login.example.com/token", "https://LOGIN.example.com:443/token", f"{URL}?a=b", f"{URL}#c",
     "https://login.example.com/%74oken"],
)  # fmt: skip
def test_a_url_is_compared_as_urls_are(htu: str) -> None:
    assert not refuses(KEY.proof("POST", URL, htu=htu))


@pytest.mark.parametrize(
    "htu",
    ["http://login.example.com/token", "https://login.example.com:8443/token", "https://login.example.com/token/",
     "https://login.example.com/Token", "https://login.example.com.evil.example/token", "https://login.example.com",
     "https://login.example.com@evil.example/token", "https://x@login.example.com/token", "/token", "", "https://[",
     "https://login.example.com:x/token", "https://login.example.com/a/../token"],
)  # fmt: skip
def test_another_url_is_refused(htu: str) -> None:
    assert refuses(KEY.proof("POST", URL, htu=htu))


@pytest.mark.parametrize("key", [SMALL, P384], ids=lambda key: key.alg)
def test_weak_keys_and_other_algorithms_are_refused(key: ProofKey) -> None:
    assert refuses(key.proof("POST", URL))


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"},
        {"typ": "at+jwt"},
        {"typ": ""},
        {"typ": None},
        {"jwk": None},
        {"jwk": "x"},
        {"jwk": []},
        {"jwk": ED.jwk},
        {"jwk": RSA.jwk},
        {"jwk": KEY.jwk | {"d": "x"}},
        {"jwk": KEY.jwk | {"k": "x"}},
        {"jwk": KEY.jwk | {"x": ProofKey(CLOCK).jwk["x"]}},
        {"jwk": KEY.jwk | {"y": 7}},
        {"jwk": KEY.jwk | {"crv": "P-384"}},
        {"jwk": ProofKey(CLOCK).jwk},
        {"jwk": {"kty": "oct", "k": "AAAA"}},
        {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example/certificate"},
        {"x5c": ["AAAA"]},
        {"crit": ["exp"], "exp": 1},
        {"padding": "x" * 100_000},
    ],
    ids=lambda header: next(iter(header)),
)
def test_a_header_that_is_not_that_of_a_proof_is_refused(header: dict[str, Any]) -> None:
    assert refuses(KEY.signed(KEY.claims("POST", URL), **header))


def test_no_signature_and_a_shared_key_are_refused() -> None:
    head, payload, _ = KEY.proof("POST", URL).split(".")
    assert refuses(f"{head}.{payload}.")
    assert refuses(f"{head}.{payload}.{b64(secrets.token_bytes(64))}")
    shared = {"kty": "oct", "k": b64(b"x" * 32)}
    for alg, jwk, secret in (
        ("none", KEY.jwk, b""),
        ("HS256", KEY.jwk, json.dumps(KEY.jwk).encode()),
        ("HS256", KEY.jwk, KEY.jwk["x"].encode()),
        ("HS256", shared, b"x" * 32),
    ):
        signed = f"{b64(json.dumps({'typ': 'dpop+jwt', 'alg': alg, 'jwk': jwk}).encode())}.{payload}"
        mac = b64(hmac.digest(secret, signed.encode(), "sha256"))
        assert refuses(f"{signed}.{mac}")
        assert refuses(f"{signed}.")


@pytest.mark.parametrize(
    "header",
    [HEAD.replace('"alg": "ES256"', '"alg": "none", "alg": "ES256"'), "", "[]", "null", "[" * 1000, HEAD[:-1]],
    ids=range(6),
)
def test_a_header_that_two_readers_would_read_differently_is_refused(header: str) -> None:
    assert not refuses(KEY.jws(HEAD, PAYLOAD))
    assert refuses(KEY.jws(header, PAYLOAD))


@pytest.mark.parametrize(
    "payload",
    [
        PAYLOAD.replace('"htm"', '"jti": "x", "htm"'),
        PAYLOAD.replace(str(START), "NaN"),
        PAYLOAD.replace(str(START), "1e400"),
        PAYLOAD.replace(str(START), "-1"),
        *("[]", "[" * 3000, "null", ""),
    ],
)
def test_claims_that_two_readers_would_read_differently_are_refused(payload: str) -> None:
    assert refuses(KEY.jws(HEAD, payload))


def test_a_time_with_a_fraction_is_one() -> None:
    assert check_time(read_proof(KEY.proof("POST", URL, iat=START + 0.5), "POST", URL), START) > START


@given(st.text(max_size=200) | st.lists(st.text("AZaz09-_", max_size=40), min_size=3, max_size=3).map(".".join))
def test_any_text_is_refused(sent: str) -> None:
    assert refuses(sent)


@given(st.dictionaries(st.sampled_from(MEMBERS), JSON, min_size=1))
def test_any_header_is_read_or_refused(changes: dict[str, Any]) -> None:
    head = json.dumps({"typ": "dpop+jwt", "alg": "ES256", "jwk": KEY.jwk} | changes)
    if not refuses(KEY.jws(head, PAYLOAD)):
        assert not {"jku", "x5u", "x5c", "crit", "b64", "zip", "alg", "jwk", "typ"} & changes.keys()


@given(st.dictionaries(st.sampled_from(CLAIMS), JSON, min_size=1))
def test_any_claims_are_read_or_refused(changes: dict[str, Any]) -> None:
    sent = KEY.jws(HEAD, json.dumps(KEY.claims("POST", URL) | changes))
    if not refuses(sent):
        assert not {"htm", "htu"} & changes.keys()
