"""Algorithms beside RS256 and ES256, by the key that the issuer publishes for each (RFC 7518 §3.5, RFC 8037)."""

import json
from typing import Any

import pytest
from joserfc.jwk import OKPKey, RSAKey

from authserver.guard import InvalidTokenError
from tests.guard.conftest import Clock, build_guard
from tests.guard.issuer import Answer, Issuer, jwk, sign_segments
from tests.guard.test_verify import refuses


def serves(issuer: Issuer, *keys: dict[str, Any]) -> None:
    issuer.answers["/jwks.json"] = lambda: Answer(json.dumps({"keys": keys}).encode())


@pytest.mark.parametrize("published", ["EdDSA", "Ed25519", None])
@pytest.mark.parametrize("named", ["EdDSA", "Ed25519"])
def test_a_token_by_a_key_on_ed25519_is_believed_by_either_name(
    issuer: Issuer, clock: Clock, named: str, published: str | None
) -> None:
    key = OKPKey.generate_key("Ed25519")
    serves(issuer, {**jwk(key), "alg": published} if published else {k: v for k, v in jwk(key).items() if k != "alg"})
    guard = build_guard(issuer, clock)
    assert guard.verify(issuer.token(key, {"alg": named})).sub == "ada"
    forged = issuer.token(OKPKey.generate_key("Ed25519"), {"alg": named, "kid": key.thumbprint()})
    assert "signature" in refuses(guard, forged)


def test_a_ps256_token_is_believed_and_none_by_a_key_for_rs256(issuer: Issuer, clock: Clock, rsa_key: RSAKey) -> None:
    def token(alg: str) -> str:
        header = json.dumps({"alg": alg, "typ": "at+jwt", "kid": rsa_key.thumbprint()}).encode()
        return sign_segments(header, json.dumps(issuer.claims()).encode(), rsa_key, alg)

    serves(issuer, {**jwk(rsa_key), "alg": "PS256"})
    assert build_guard(issuer, clock).verify(token("PS256")).sub == "ada"
    assert "does not publish" in refuses(build_guard(issuer, clock), token("RS256"))


@pytest.mark.parametrize("curve", ["Ed448", "X25519"])
def test_a_key_on_another_curve_signs_nothing(issuer: Issuer, clock: Clock, curve: Any) -> None:
    serves(issuer, {**OKPKey.generate_key(curve).as_dict(private=False), "kid": "k"}, jwk(issuer.keys[0]))
    assert build_guard(issuer, clock).verify(issuer.token()).sub == "ada"
    token = sign_segments(b'{"alg":"EdDSA","typ":"at+jwt","kid":"k"}', b"{}", OKPKey.generate_key("Ed25519"))
    with pytest.raises(InvalidTokenError):
        build_guard(issuer, clock).verify(token)
