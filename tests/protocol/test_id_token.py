"""The claims of an ID token (OpenID Connect Core §2, §3.1.3.6)."""

import pytest

from authserver.protocol.token.id_token import at_hash, id_token_claims
from tests.protocol.values import ISSUER, NOW


@pytest.mark.parametrize(
    ("token", "hashed"),
    [
        # OpenID Connect Core Appendix A.3 (at_hash) and A.4 (c_hash, made the same way).
        ("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y", "77QmUPtjPfzWtF2AnpK9RQ"),
        ("Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk", "LDktKdoQak3Pk0cnXxCltA"),
    ],
)
def test_at_hash_is_that_of_the_specification(token: str, hashed: str) -> None:
    assert at_hash(token) == hashed


@pytest.mark.parametrize("nonce", ["n", None])
def test_an_id_token_says_who_for_whom_when_and_how(nonce: str | None) -> None:
    claims = id_token_claims(
        issuer=ISSUER,
        sub="person",
        client_id="portal",
        auth_time=NOW - 50,
        amr=("pwd", "otp"),
        sid="sid",
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
