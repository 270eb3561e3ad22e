"""The public keys of somebody else: those of a JWKS that may have signed a token.

RFC 7517 §4-§5 (what is not understood is passed over). https://www.rfc-editor.org/rfc/rfc7517
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

ASYMMETRIC = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"})
# RFC 9864 §2.2: two names for a signature by a key on Ed25519; the second is the newer one.
EDWARDS = frozenset({"EdDSA", "Ed25519"})
MAX_KEYS, MIN_RSA_BITS = 100, 2048
# Private members are never imported, even where somebody publishes them.
_MEMBERS = {"RSA": ("kty", "n", "e"), "EC": ("kty", "crv", "x", "y"), "OKP": ("kty", "crv", "x")}
PublicKey = RSAKey | ECKey | OKPKey
_KEYS: dict[str, type[RSAKey] | type[ECKey] | type[OKPKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}


def candidates(jwks: Mapping[str, Any], kid: str | None, alg: str) -> list[PublicKey]:
    """The keys with this `kid` for one of the asymmetric algorithms; without a `kid`, the only key, if there is one."""
    kind, names = kind_for(alg), EDWARDS if alg in EDWARDS else {alg}
    listed, found = jwks.get("keys"), []
    for jwk in listed[:MAX_KEYS] if isinstance(listed, list) else ():
        if not isinstance(jwk, dict) or jwk.get("kty") != kind or jwk.get("use", "sig") != "sig":
            continue
        named = jwk.get("alg", alg)
        if not isinstance(named, str) or named not in names:
            continue
        if (kid is None or jwk.get("kid") == kid) and (key := public_key(jwk)):
            found.append(key)
    # OpenID Connect Core §10.1: a token may leave out `kid` only where there is one key to choose from.
    return found if kid is not None or len(found) == 1 else []


def kind_for(alg: str) -> str:
    """The `kty` of the keys that an asymmetric algorithm takes."""
    return {"ES": "EC", "Ed": "OKP"}.get(alg[:2], "RSA")


def public_key(jwk: Mapping[str, Any]) -> PublicKey | None:
    """The public key that a JWK describes; None where it is none that may be used."""
    kind = str(jwk.get("kty"))
    public = tuple((name, jwk[name]) for name in _MEMBERS.get(kind, ()) if isinstance(jwk.get(name), str))
    return _imported(kind, public) if public else None


# The same few keys sign again and again, and importing one costs as much as a signature's check.
@lru_cache(maxsize=1024)
def _imported(kind: str, public: tuple[tuple[str, str], ...]) -> PublicKey | None:
    members: dict[str, str | list[str]] = dict(public)
    # Six bits a character: looked at first, since the library only warns of a short key.
    if kind == "RSA" and len(str(members.get("n", ""))) * 6 < MIN_RSA_BITS:
        return None
    # RFC 8037 §2: of its curves two are for key agreement, and one has an algorithm of its own.
    if kind == "OKP" and members.get("crv") != "Ed25519":
        return None
    try:
        return _KEYS[kind].import_key(members)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
