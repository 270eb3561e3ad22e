"""A DPoP proof: whoever sends a request holds a private key, and signed this very request with it.

RFC 9449 §4.2, §4.3; RFC 7638 (the thumbprint); RFC 9864 (`Ed25519`, which older libraries call `EdDSA`).
https://www.rfc-editor.org/rfc/rfc9449#section-4.3
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any
from urllib.parse import unquote, urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64decode

from authserver.protocol.errors import ProtocolError
from authserver.protocol.unambiguous import unambiguous

ALGORITHMS = ("ES256", "Ed25519", "EdDSA", "PS256", "RS256")
MAX_PROOF, MAX_HEADER, MAX_JTI = 8192, 2048, 256
# Seconds from `iat` to the end of a proof, and by which the clock of its sender may be ahead.
MAX_AGE, SKEW = 60, 60
MAX_TIME = 2**53
# RFC 7517 §4, RFC 7518 §6: what makes a public key. Any other member that a private or shared one has is refused.
_PUBLIC = {"EC": ("kty", "crv", "x", "y"), "OKP": ("kty", "crv", "x"), "RSA": ("kty", "n", "e")}
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_KINDS = {"ES256": ("EC", "P-256"), "Ed25519": ("OKP", "Ed25519"), "EdDSA": ("OKP", "Ed25519")}
_RSA = ("RSA", None)
# Base64url characters of a modulus: from 2048 bits, which are safe, to 4096, which are still fast.
_MODULUS = range(342, 684)
_MAX_EXPONENT = 6
MIN_RSA_BITS = 2048
# RFC 7515 §4.1: what points to another key, or changes the meaning of the rest.
_REFUSED = frozenset({"crit", "b64", "zip", "jku", "x5u", "x5c"})
_REGISTRY = JWSRegistry(algorithms=["ES256", "Ed25519", "PS256", "RS256"])
_MODELS = {name: _REGISTRY.get_alg("Ed25519" if name == "EdDSA" else name) for name in ALGORITHMS}

Key = ECKey | OKPKey | RSAKey
_CLASSES: dict[str, type[Key]] = {"EC": ECKey, "OKP": OKPKey, "RSA": RSAKey}


class DpopError(ProtocolError):
    """A proof that does not hold (RFC 9449 §5)."""

    def __init__(self, description: str, *, detail: str = "") -> None:
        super().__init__("invalid_dpop_proof", description, detail=detail)


@dataclass(frozen=True, slots=True)
class DpopProof:
    """A proof whose signature and request hold; its time, its nonce and its `jti` are still to be looked at.

    `jkt` is the thumbprint of its key; `issued_at` in seconds since the epoch.
    """

    jkt: str
    jti: str
    issued_at: float
    nonce: str | None
    alg: str


def read_proof(
    sent: str, method: str, url: str, access_token: str | None = None, *, alias: str | None = None
) -> DpopProof:
    """The proof in the values of the DPoP header, for a request by this method to this URL without its query.

    `alias` is another URL of the same endpoint, to which it may have gone.
    With an access token it must have been made for that one (`ath`). Raises DpopError.
    """
    if "," in sent:
        # RFC 9110 §5.3: so are several headers joined, and no JWT has a comma.
        raise DpopError("Send one DPoP header with one proof.")
    if len(sent) > MAX_PROOF or sent.count(".") != 2 or not sent.isascii():
        raise DpopError("The DPoP header must be one JWT in compact form, of at most 8 KiB.")
    head, payload, signature = sent.split(".")
    alg, key, jkt = _header(head)
    if not _MODELS[alg].verify(f"{head}.{payload}".encode(), _decode(signature), key):
        raise DpopError("The signature of the DPoP proof is not by the key in its header.")
    claims = _object(_decode(payload))
    _check_request(claims, method, url, alias)
    if access_token is not None and claims.get("ath") != _thumbprint(access_token.encode()):
        raise DpopError("ath must be the base64url SHA-256 digest of the access token.")
    jti, issued_at, nonce = claims.get("jti"), claims.get("iat"), claims.get("nonce")
    if not isinstance(jti, str) or not 0 < len(jti) <= MAX_JTI:
        raise DpopError("jti must be a string of 1 to 256 characters.")
    if isinstance(issued_at, bool) or not isinstance(issued_at, int | float) or not 0 <= issued_at < MAX_TIME:
        raise DpopError("iat must be a time in seconds since the epoch.")
    if nonce is not None and not isinstance(nonce, str):
        raise DpopError("nonce must be a string.")
    return DpopProof(jkt, jti, issued_at, nonce, alg)


def check_time(proof: DpopProof, now: int) -> int:
    """When the proof is too old, in seconds since the epoch. Raises DpopError where it is, or from the future."""
    if not now - MAX_AGE < proof.issued_at <= now + SKEW:
        apart = f"iat is {proof.issued_at - now:+.0f} s from now"
        raise DpopError("iat is more than a minute from now. Is the clock of the client right?", detail=apart)
    return int(proof.issued_at) + MAX_AGE + 1


def is_thumbprint(text: str) -> bool:
    """Whether it may be the SHA-256 thumbprint of a key, in base64url (RFC 9449 §10)."""
    return len(text) == 43 and text.isascii() and text.replace("-", "a").replace("_", "a").isalnum()


# A client proves the same key again and again: then neither is the header read nor the key imported anew.
@lru_cache(maxsize=1024)
def _header(segment: str) -> tuple[str, Key, str]:
    if len(segment) > MAX_HEADER:
        raise DpopError("The header of the DPoP proof is too long.")
    header = _object(_decode(segment))
    typ, alg, jwk = header.get("typ"), header.get("alg"), header.get("jwk")
    if not isinstance(typ, str) or typ.lower().removeprefix("application/") != "dpop+jwt":
        raise DpopError("The typ of a DPoP proof must be dpop+jwt.")
    if not isinstance(alg, str) or alg not in ALGORITHMS:
        raise DpopError("Sign DPoP proofs with one of dpop_signing_alg_values_supported of the metadata.")
    if _REFUSED & header.keys():
        raise DpopError("The header of the DPoP proof has a member that is not understood here.")
    if not isinstance(jwk, dict):
        raise DpopError("The header of the DPoP proof must have the public key as jwk.")
    return alg, *_imported(jwk, alg)


def _imported(jwk: Mapping[str, Any], alg: str) -> tuple[Key, str]:
    if _PRIVATE & jwk.keys():
        raise DpopError("jwk must be a public key. The private one has now been sent: make another.")
    kind, curve = _KINDS.get(alg, _RSA)
    public: dict[str, str | list[str]] = {name: jwk[name] for name in _PUBLIC[kind] if isinstance(jwk.get(name), str)}
    if len(public) < len(_PUBLIC[kind]) or public["kty"] != kind or public.get("crv") != curve:
        raise DpopError("jwk is not a key for the alg of the DPoP proof.")
    if kind == "RSA" and (len(str(public["n"])) not in _MODULUS or len(str(public["e"])) > _MAX_EXPONENT):
        raise DpopError("An RSA key of a DPoP proof must have 2048 to 4096 bits.")
    try:
        key = _CLASSES[kind].import_key(public)
        _MODELS[alg].check_key(key)
        # Leading zeros make a short modulus look long.
        if isinstance(key, RSAKey) and key.public_key.key_size < MIN_RSA_BITS:
            raise ValueError
    except (JoseError, ValueError, TypeError, KeyError):
        raise DpopError("jwk is not a key for the alg of the DPoP proof.") from None
    # RFC 7638 §3.3: the members in order, without white space.
    canonical = json.dumps(public, separators=(",", ":"), sort_keys=True)
    return key, _thumbprint(canonical.encode())


def _check_request(claims: Mapping[str, Any], method: str, url: str, alias: str | None) -> None:
    htm, htu = claims.get("htm"), claims.get("htu")
    if htm != method:
        raise DpopError("htm must be the method of the request.")
    if not isinstance(htu, str) or _normal(htu) not in [_normal(each) for each in (url, alias) if each is not None]:
        raise DpopError(
            "htu must be the URL of the request, as the metadata have it, without query and fragment.",
            detail=f"htu is {htu!r:.200}, the request went to {url!r:.200}",
        )


def _normal(url: str) -> tuple[str, str, int | None, str] | None:
    """RFC 3986 §6.2.2, §6.2.3: without regard to case of scheme and host, to the default port, and to escapes."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.username is not None or parts.password is not None:
        return None
    if port == {"https": 443, "http": 80}.get(parts.scheme):
        port = None
    return parts.scheme, parts.hostname or "", port, unquote(parts.path) or "/"


def _thumbprint(content: bytes) -> str:
    return urlsafe_b64encode(sha256(content).digest()).rstrip(b"=").decode("ascii")


def _decode(segment: str) -> bytes:
    try:
        return urlsafe_b64decode(segment.encode())
    except ValueError:
        raise DpopError("The DPoP proof is not base64url.") from None


def _object(raw: bytes) -> dict[str, Any]:
    try:
        value = unambiguous(raw)
    except (ValueError, RecursionError):
        raise DpopError("The DPoP proof is not JSON in UTF-8, or has a member twice.") from None
    if not isinstance(value, dict):
        raise DpopError("The parts of the DPoP proof must be JSON objects.")
    return value
