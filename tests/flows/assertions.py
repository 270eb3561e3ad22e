"""Clients that sign: their keys, and assertions as good or as bad as they are ordered."""

import json
import secrets
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64encode

if TYPE_CHECKING:
    from tests.flows.provider import Provider
    from tests.flows.relying_party import Attempt

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
Key = RSAKey | ECKey | OKPKey
ABSENT = object()


def key(kind: str = "EC", kid: str = "one") -> Key:
    """The key of this kind and name, made once a process."""
    return _made(kind, kid)


@cache
def _made(kind: str, kid: str) -> Key:
    if kind == "RSA":
        return RSAKey.generate_key(2048, {"kid": kid})
    if kind == "OKP":
        return OKPKey.generate_key("Ed25519", {"kid": kid})
    return ECKey.generate_key("P-256", {"kid": kid})


def kind_of(alg: str) -> str:
    return {"ES": "EC", "Ed": "OKP"}.get(alg[:2], "RSA")


def public(*keys: Key, **members: object) -> dict[str, Any]:
    """A JWK Set of the public parts."""
    return {"keys": [dict(each.as_dict(private=False)) | members for each in keys]}


def with_key(provider: "Provider", alg: str) -> None:
    """Let the client vault have a key for this algorithm, and no other."""
    text = provider.clients_file.read_text()
    line = next(each for each in text.splitlines() if each.startswith("    jwks: "))
    assert provider.declare(text.replace(line, f"    jwks: {json.dumps(public(key(kind_of(alg))))}"))


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode()


def signed(header: Mapping[str, object] | bytes, payload: Mapping[str, object] | bytes, by: Key, alg: str) -> str:
    """A JWS by this key, whatever its header says: a library would refuse to write some of them."""
    head, body = (each if isinstance(each, bytes) else _written(each) for each in (header, payload))
    message = f"{b64(head)}.{b64(body)}"
    # By its newer name, which says the curve: the library warns of the other.
    name = "Ed25519" if alg == "EdDSA" else alg
    signature = JWSRegistry(algorithms=[name]).get_alg(name).sign(message.encode(), by)
    return f"{message}.{b64(signature)}"


def assertion(
    client_id: str, audience: object, now: int, *, alg: str = "ES256", by: Key | None = None, **changes: object
) -> str:
    """A client assertion, with claims changed, or left out where they are ABSENT; `header` changes its header."""
    used = by or key(kind_of(alg))
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "jti": secrets.token_urlsafe(8),
        "iat": now,
        "exp": now + 60,
    }
    header = {"alg": alg, "kid": used.kid, "typ": "JWT"}
    more = changes.pop("header", {})
    assert isinstance(more, dict)
    return signed({**header, **more}, {**claims, **changes}, used, alg)


def request_object(
    attempt: "Attempt", audience: object, now: int, *, alg: str = "ES256", by: Key | None = None, **changes: object
) -> str:
    """An authorization request as a signed request object; `changes` as for `assertion`."""
    used = by or key(kind_of(alg))
    issuer = attempt.parameters["client_id"]
    claims = attempt.parameters | {"iss": issuer, "aud": audience, "nbf": now, "exp": now + 60}
    header = {"alg": alg, "kid": used.kid, "typ": "oauth-authz-req+jwt"}
    more = changes.pop("header", {})
    assert isinstance(more, dict)
    return signed({**header, **more}, {**claims, **changes}, used, alg)


def _written(members: Mapping[str, object]) -> bytes:
    return json.dumps({name: value for name, value in members.items() if value is not ABSENT}).encode()
