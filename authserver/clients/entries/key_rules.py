"""What the public keys of a client must be: those that it authenticates or signs requests with.

RFC 7517 §4, §5; RFC 7591 §2 (`jwks`, `jwks_uri`); RFC 8705 §2.2.2 (`x5c`); RFC 8725 §3.5. https://www.rfc-editor.org/rfc/rfc7517
"""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo

from authserver.clients.file.names import rule
from authserver.http.possession.client_certificate import holds_its_certificate
from authserver.outbound.addresses import is_acceptable
from authserver.protocol.client.client import ClientAlg
from authserver.protocol.upstream.foreign_keys import MAX_KEYS, kind_for, public_key

# RFC 7518 §6: the members that are secret, of every kind of key.
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_CURVES = {"EC": "P-256", "OKP": "Ed25519"}


class _Key(BaseModel):
    """The members of a key that are text or a list of texts (RFC 7517 §4, RFC 7518 §6): a `kid` that YAML reads as a
    number is no name that a token could have. What else stands there is passed over, and `x5c` looked at by itself."""

    model_config = ConfigDict(strict=True, extra="ignore", hide_input_in_errors=True, defer_build=True)

    kty: str = ""
    use: str = ""
    key_ops: list[str] = []
    alg: str = ""
    kid: str = ""
    x5u: str = ""
    x5t: str = ""
    x5t_of_sha256: str = Field(default="", alias="x5t#S256")
    crv: str = ""
    x: str = ""
    y: str = ""
    n: str = ""
    e: str = ""


class _KeySet(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", hide_input_in_errors=True, defer_build=True)

    keys: list[_Key]


def public_keys(value: dict[str, Any]) -> dict[str, Any]:
    """A JWK Set of public keys that this server can use, each with a name of its own."""
    keys = value.get("keys")
    if not isinstance(keys, list) or not keys or not all(isinstance(key, dict) for key in keys):
        raise rule("must be a JWK Set: {keys: [{kty: …, kid: …}]}")
    if len(keys) > MAX_KEYS:
        raise rule(f"holds more than {MAX_KEYS} keys")
    for number, key in enumerate(keys):
        if not _PRIVATE.isdisjoint(key):
            raise rule(f"key {number} is a private or shared one: make a new key, and write only its public part here")
    # Raises ValidationError, with the place of each member.
    _KeySet.model_validate(value)
    for number, key in enumerate(keys):
        curve = _CURVES.get(str(key.get("kty")))
        if public_key(key) is None or (curve is not None and key.get("crv") != curve):
            raise rule(f"key {number} is not RSA of 2048 bits or more, EC on P-256, or OKP on Ed25519")
        if not holds_its_certificate(key):
            raise rule(f"key {number}: x5c must begin with a certificate of this key, in base64 of DER")
    names = [key.get("kid") for key in keys]
    if len(keys) > 1 and (len(set(map(str, names))) < len(names) or not all(isinstance(name, str) for name in names)):
        raise rule("several keys need a kid each, and no two the same")
    return value


def keys_of_method(value: str | None, info: ValidationInfo) -> str | None:
    """A client that authenticates by a key has its keys in one place."""
    has_keys = info.data.get("jwks") is not None
    if value is None:
        method = info.data.get("token_endpoint_auth_method")
        if method in {"private_key_jwt", "self_signed_tls_client_auth"} and not has_keys and "jwks" in info.data:
            raise rule(f"{method} needs the client's public keys: write jwks, or jwks_uri")
        return value
    if has_keys:
        raise rule("is beside jwks: the keys stand in one place or in the other")
    if not is_acceptable(value, may_be_local=True):
        raise rule("must begin with https:// (http only for localhost, in development)")
    return value


def alg_of_keys(value: ClientAlg, info: ValidationInfo) -> ClientAlg:
    """The pinned algorithm is of use only to a client with keys, and one of these must fit it."""
    if info.data.get("token_endpoint_auth_method", "private_key_jwt") != "private_key_jwt":
        raise rule("is for a client with token_endpoint_auth_method: private_key_jwt")
    return _of_a_key(value, info)


def alg_of_requests(value: ClientAlg, info: ValidationInfo) -> ClientAlg:
    """As the algorithm of assertions, for what any client with keys may sign."""
    keys_for_requests(True, info)
    return _of_a_key(value, info)


def keys_for_requests(value: bool, info: ValidationInfo) -> bool:
    """What is signed must be verified by something."""
    has_none = all(info.data.get(name, "") is None for name in ("jwks", "jwks_uri"))
    if value and has_none:
        raise rule("needs the client's public keys: write jwks, or jwks_uri")
    return value


def _of_a_key(value: ClientAlg, info: ValidationInfo) -> ClientAlg:
    jwks = info.data.get("jwks")
    if jwks is not None and all(key["kty"] != kind_for(value) for key in jwks["keys"]):
        raise rule(f"none of the keys in jwks is one for {value}")
    return value
