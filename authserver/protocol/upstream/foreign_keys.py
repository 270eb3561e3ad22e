"""The public keys of somebody else: those of a JWKS that may have signed a token.

RFC 7517 §4-§5 (what is not understood is passed over). https://www.rfc-editor.org/rfc/rfc7517
"""

from collections.abc import Mapping
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

ASYMMETRIC = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"})
MAX_KEYS, MIN_RSA_BITS = 100, 2048
# Private members are never imported, even where somebody publishes them.
_MEMBERS = {"RSA": ("kty", "n", "e"), "EC": ("kty", "crv", "x", "y")}


def candidates(jwks: Mapping[str, Any], kid: str | None, alg: str) -> list[RSAKey | ECKey]:
    """The keys with this `kid` for one of the asymmetric algorithms; without a `kid`, the only key, if there is one."""
    kind = "EC" if alg.startswith("ES") else "RSA"
    listed, found = jwks.get("keys"), []
    for jwk in listed[:MAX_KEYS] if isinstance(listed, list) else ():
        if not isinstance(jwk, dict) or jwk.get("kty") != kind or jwk.get("use", "sig") != "sig":
            continue
        if (kid is None or jwk.get("kid") == kid) and jwk.get("alg", alg) == alg and (key := _imported(jwk)):
            found.append(key)
    # OpenID Connect Core §10.1: a token may leave out `kid` only where there is one key to choose from.
    return found if kid is not None or len(found) == 1 else []


def _imported(jwk: Mapping[str, Any]) -> RSAKey | ECKey | None:
    kind = str(jwk["kty"])
    public = {name: jwk[name] for name in _MEMBERS[kind] if isinstance(jwk.get(name), str)}
    # Six bits a character: looked at first, since the library only warns of a short key.
    if kind == "RSA" and len(public.get("n", "")) * 6 < MIN_RSA_BITS:
        return None
    try:
        return RSAKey.import_key(public) if kind == "RSA" else ECKey.import_key(public)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
