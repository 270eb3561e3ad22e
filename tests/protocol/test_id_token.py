"""The claims of an ID token (OpenID Connect Core §2, §3.1.3.6)."""

import pytest

from authserver.protocol.client.client import SigningAlg
from authserver.protocol.token.id_token import at_hash, id_token_claims
from tests.protocol.values import ISSUER, NOW

SHA_512 = "q7nS86GgvvFaZkzALLWqJYaJIKw2wCDAVfCAsm5CrBM"  # pragma: allowlist secret


@pytest.mark.parametrize(
    ("token", "alg", "hashed"),
    [
        # OpenID Connect Core Appendix A.3 (at_hash) and A.4 (c_hash, made the same way).
        ("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y", "RS256", "77QmUPtjPfzWtF2AnpK9RQ"),
        ("Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk", "RS256", "LDktKdoQak3Pk0cnXxCltA"),
        # Token Hash Algorithms 1.0: of Ed25519 it is SHA-512.
        (
            "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y",
            "EdDSA",
            "q7nS86GgvvFaZkzALLWqJYaJIKw2wCDAVfCAsm5CrBM",
        ),  # pragma: allowlist secret
    ],
)
def test_at_hash_is_that_of_the_specification(token: str, alg: SigningAlg, hashed: str) -> None:
    assert at_hash(token, alg) == hashed


@pytest.mark.parametrize("nonce", ["n", None])
def test_an_id_token_says_who_for_whom_when_and_how(nonce: str | None) -> None:
    claims = id_token_claims(
        issuer=ISSUER,
        sub="person",
        client_id="portal",
        auth_time=NOW - 50,
        amr=("pwd", "otp"),
        sid="sid",
        alg="PS256",
        access_token="jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y",
        nonce=nonce,
        now=NOW,
        lifetime=600,
    )
    assert claims.pop("nonce", None) == nonce
    assert claims == {
        "iss": ISSUER,
        "sub": "person",
        "aud": "portal",
        "iat": NOW,
        "exp": NOW + 600,
        "auth_time": NOW - 50,
        "amr": ["pwd", "otp"],
        "sid": "sid",
        "at_hash": "77QmUPtjPfzWtF2AnpK9RQ",
    }
