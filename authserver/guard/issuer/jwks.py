"""The usable keys of a JWKS: RFC 7517 §5, https://www.rfc-editor.org/rfc/rfc7517#section-5"""

from collections.abc import Iterable, Mapping
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from authserver.guard.checks.signature import Signatures, signatures

MAX_KEYS = 100
MIN_RSA_BITS = 2048
# RFC 9864 §2.2: two names for a signature by a key on Ed25519; the second is the newer one.
EDWARDS = frozenset({"EdDSA", "Ed25519"})
ASYMMETRIC = EDWARDS | {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"}
# Private members are never imported, even where an issuer publishes them.
_MEMBERS = {"RSA": ("kty", "n", "e"), "EC": ("kty", "crv", "x", "y"), "OKP": ("kty", "crv", "x")}
_CLASSES: dict[str, type[RSAKey] | type[ECKey] | type[OKPKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}

Keys = Mapping[tuple[str, str], Signatures]
"""By (`kid`, `alg`)."""


def usable_keys(jwks: Mapping[str, Any], algorithms: Iterable[str]) -> Keys:
    """The keys of a JWKS, imported once: that costs more than verifying.

    What is not understood, private, weak or not for signing is passed over (RFC 7517 §5).
    """
    found: dict[tuple[str, str], Signatures] = {}
    listed = jwks.get("keys")
    for jwk in listed[:MAX_KEYS] if isinstance(listed, list) else ():
        if isinstance(jwk, dict) and isinstance(jwk.get("kid"), str) and _is_for_signing(jwk):
            key = _imported(jwk)
            for name in algorithms:
                if key and _is_for(jwk, name) and (checks := signatures(name, key)):
                    found.setdefault((jwk["kid"], name), checks)
    return found


def _is_for_signing(jwk: Mapping[str, Any]) -> bool:
    operations = jwk.get("key_ops", ["verify"])
    return jwk.get("use", "sig") == "sig" and isinstance(operations, list) and "verify" in operations


def _is_for(jwk: Mapping[str, Any], name: str) -> bool:
    alg, names = jwk.get("alg", name), EDWARDS if name in EDWARDS else {name}
    return isinstance(alg, str) and alg in names


def _imported(jwk: Mapping[str, Any]) -> RSAKey | ECKey | OKPKey | None:
    kind = jwk.get("kty")
    if not isinstance(kind, str) or kind not in _MEMBERS:
        return None
    public = {name: jwk[name] for name in _MEMBERS[kind] if isinstance(jwk.get(name), str)}
    # Six bits a character: looked at first, since the library only warns of a short key.
    if kind == "RSA" and len(public.get("n", "")) * 6 < MIN_RSA_BITS:
        return None
    try:
        return _CLASSES[kind].import_key(public)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
