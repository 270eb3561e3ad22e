"""Somebody who signs tokens, as good or as bad as they are ordered, and who reads them."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64encode

from authserver.protocol.upstream import foreign_jwt
from authserver.protocol.upstream.foreign_jwt import Expected, ForeignJwtError
from authserver.protocol.upstream.foreign_keys import ASYMMETRIC

NOW, ISSUER, AUDIENCE = 1_800_000_000, "https://signer.example", "authserver"
CLAIMS = {"iss": ISSUER, "aud": AUDIENCE, "sub": "1", "iat": NOW, "exp": NOW + 300}
EXPECTED = Expected(ASYMMETRIC, frozenset({"some+jwt"}), ISSUER, AUDIENCE, NOW, max_age=600)
HEADER: dict[str, object] = {"alg": "ES256", "kid": "one", "typ": "some+jwt"}
CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
ABSENT = object()


@cache
def key(alg: str, kid: str = "one") -> RSAKey | ECKey:
    if alg.startswith("ES"):
        return ECKey.generate_key(CURVES[alg], {"kid": kid})
    return RSAKey.generate_key(2048, {"kid": kid})


def public(found: RSAKey | ECKey, **members: object) -> dict[str, Any]:
    return dict(found.as_dict(private=False)) | members


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode()


def written(members: Mapping[str, object]) -> bytes:
    return json.dumps({name: value for name, value in members.items() if value is not ABSENT}).encode()


def signed(header: bytes, payload: bytes, by: RSAKey | ECKey | None = None, alg: str = "ES256") -> str:
    message = f"{b64(header)}.{b64(payload)}"
    signature = JWSRegistry(algorithms=[alg]).get_alg(alg).sign(message.encode(), by or key("ES256"))
    return f"{message}.{b64(signature)}"


def token(header: Mapping[str, object] | None = None, claims: Mapping[str, object] | None = None) -> str:
    return signed(written({**HEADER, **(header or {})}), written({**CLAIMS, **(claims or {})}))


def read(received: object, *key_sets: Mapping[str, Any], expected: Expected = EXPECTED) -> dict[str, Any]:
    return foreign_jwt.read(received, key_sets or [{"keys": [public(key("ES256"))]}], expected)[1]


def refused(received: object, *key_sets: Mapping[str, Any], expected: Expected = EXPECTED) -> str:
    with pytest.raises(ForeignJwtError) as error:
        read(received, *key_sets, expected=expected)
    return str(error.value)
