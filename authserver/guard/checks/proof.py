"""DPoP proofs: whoever sends a bound token signed this very request with the key that it is bound to.

RFC 9449 §4.3, §7.1: https://www.rfc-editor.org/rfc/rfc9449#section-4.3
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from authserver.guard.checks.bearer import PROOF_ALGORITHMS
from authserver.guard.checks.token import json_object
from authserver.guard.errors import InvalidProofError

MAX_PROOF, MAX_HEADER, MAX_JTI, MAX_TIME = 8192, 2048, 256, 2**53
# Seconds from `iat` to the end of a proof, beside the leeway of the guard.
MAX_AGE = 60
_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_PUBLIC = {"EC": ("kty", "crv", "x", "y"), "OKP": ("kty", "crv", "x"), "RSA": ("kty", "n", "e")}
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_KINDS = {"ES256": ("EC", "P-256"), "Ed25519": ("OKP", "Ed25519"), "EdDSA": ("OKP", "Ed25519")}
# Base64url characters of a modulus: from 2048 bits, which are safe, to 4096, which are still fast.
_MODULUS, _MAX_EXPONENT, _MIN_RSA_BITS = range(342, 684), 6, 2048
# RFC 7515 §4.1: what points to another key, or changes the meaning of the rest.
_REFUSED = frozenset({"crit", "b64", "zip", "jku", "x5u", "x5c"})
_REGISTRY = JWSRegistry(algorithms=["ES256", "Ed25519", "PS256", "RS256"])
_MODELS = {name: _REGISTRY.get_alg("Ed25519" if name == "EdDSA" else name) for name in PROOF_ALGORITHMS}
_WRONG = "The DPoP proof is not one JWT in compact form, signed as RFC 9449 has it."

PublicKey = ECKey | OKPKey | RSAKey
_CLASSES: dict[str, type[PublicKey]] = {"EC": ECKey, "OKP": OKPKey, "RSA": RSAKey}


class UrlPlace(NamedTuple):
    """Where callers reach an API: what stands before the path of a request in a URL."""

    scheme: str
    host: str
    port: int | None
    path: str


def place_of(url: str) -> UrlPlace | None:
    """The place of a URL, without escapes, query and fragment; None where it is no http or https URL."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        return None
    default = 443 if parts.scheme == "https" else 80
    return UrlPlace(parts.scheme, parts.hostname, None if port == default else port, unquote(parts.path))


def check_proof(
    sent: list[str], method: str, place: UrlPlace, token: str, thumbprint: object, now: float, leeway: float
) -> tuple[str, float]:
    """What a good proof is remembered by, and for how many seconds. Raises InvalidProofError.

    `sent` are the values of the DPoP header, for a request by this method to this place. `thumbprint` is the `jkt` of
    the access token.
    """
    if len(sent) != 1 or "," in sent[0]:
        raise InvalidProofError("Send one DPoP header with one proof.")
    found = _COMPACT.fullmatch(sent[0]) if len(sent[0]) <= MAX_PROOF else None
    if found is None:
        raise InvalidProofError(_WRONG)
    alg, key, jkt = _header(found[1])
    if jkt != thumbprint:
        raise InvalidProofError("The proof is by another key than the one that the access token is bound to.")
    if not _MODELS[alg].verify(f"{found[1]}.{found[2]}".encode(), _decode(found[3]), key):
        raise InvalidProofError(_WRONG)
    claims = _object(found[2])
    if claims.get("htm") != method:
        raise InvalidProofError("htm must be the method of the request.")
    htu = claims.get("htu")
    named = place_of(htu) if isinstance(htu, str) else None
    if named is None or named._replace(path=named.path or "/") != place._replace(path=place.path or "/"):
        raise InvalidProofError("htu must be the URL of the request, without query and fragment.")
    if claims.get("ath") != _digest(token.encode()):
        raise InvalidProofError("ath must be the base64url SHA-256 digest of the access token.")
    return _remembered(claims, jkt, now, leeway)


def _remembered(claims: dict[str, Any], jkt: str, now: float, leeway: float) -> tuple[str, float]:
    jti, issued_at = claims.get("jti"), claims.get("iat")
    if not isinstance(jti, str) or not 0 < len(jti) <= MAX_JTI:
        raise InvalidProofError("jti must be a string of 1 to 256 characters.")
    if isinstance(issued_at, bool) or not isinstance(issued_at, int | float) or not 0 <= issued_at < MAX_TIME:
        raise InvalidProofError("iat must be a time in seconds since the epoch.")
    if not now - MAX_AGE - leeway < issued_at <= now + leeway:
        raise InvalidProofError("iat is too far from now. Is the clock of the client right?")
    return _digest(f"{jkt} {jti}".encode("utf-8", "surrogatepass")), issued_at + MAX_AGE + leeway - now + 1


# A client proves the same key again and again: then neither is the header read nor the key imported anew.
@lru_cache(maxsize=1024)
def _header(segment: str) -> tuple[str, PublicKey, str]:
    if len(segment) > MAX_HEADER:
        raise InvalidProofError("The header of the DPoP proof is too long.")
    header = _object(segment)
    typ, alg, jwk = header.get("typ"), header.get("alg"), header.get("jwk")
    if not isinstance(typ, str) or typ.lower().removeprefix("application/") != "dpop+jwt":
        raise InvalidProofError("The typ of a DPoP proof must be dpop+jwt.")
    if not isinstance(alg, str) or alg not in PROOF_ALGORITHMS:
        raise InvalidProofError("The DPoP proof is signed with an algorithm that is not accepted here.")
    if _REFUSED & header.keys():
        raise InvalidProofError("The header of the DPoP proof has a member that is not understood here.")
    if not isinstance(jwk, dict) or _PRIVATE & jwk.keys():
        raise InvalidProofError("The header of the DPoP proof must have the public key, and no private one, as jwk.")
    return alg, *_imported(jwk, alg)


def _imported(jwk: dict[str, Any], alg: str) -> tuple[PublicKey, str]:
    kind, curve = _KINDS.get(alg, ("RSA", None))
    public: dict[str, str | list[str]] = {name: jwk[name] for name in _PUBLIC[kind] if isinstance(jwk.get(name), str)}
    fits = len(public) == len(_PUBLIC[kind]) and public["kty"] == kind and public.get("crv") == curve
    if kind == "RSA" and fits:
        fits = len(public["n"]) in _MODULUS and len(public["e"]) <= _MAX_EXPONENT
    try:
        if not fits:
            raise ValueError
        key = _CLASSES[kind].import_key(public)
        _MODELS[alg].check_key(key)
        # Leading zeros make a short modulus look long.
        if isinstance(key, RSAKey) and key.public_key.key_size < _MIN_RSA_BITS:
            raise ValueError
    except (JoseError, ValueError, TypeError, KeyError):
        raise InvalidProofError("jwk is not a key for the alg of the DPoP proof.") from None
    # RFC 7638 §3.3: the members in order, without white space.
    return key, _digest(json.dumps(public, separators=(",", ":"), sort_keys=True).encode())


def _digest(content: bytes) -> str:
    return urlsafe_b64encode(sha256(content).digest()).rstrip(b"=").decode("ascii")


def _decode(segment: str) -> bytes:
    try:
        return urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except ValueError:
        raise InvalidProofError(_WRONG) from None


def _object(segment: str) -> dict[str, Any]:
    try:
        return json_object(_decode(segment))
    except ValueError:
        raise InvalidProofError(_WRONG) from None
