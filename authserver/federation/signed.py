"""A JWT of a provider, its signature checked by the provider's keys and nothing else.

RFC 8725 §3.1: the algorithms are fixed before the token is looked at. https://www.rfc-editor.org/rfc/rfc8725
"""

import json
from collections.abc import Mapping
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64decode

from authserver.federation.upstream import Upstream
from authserver.protocol.upstream_fault import UpstreamError

ASYMMETRIC = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"})
MAX_TOKEN, MAX_HEADER, MAX_KEYS, MIN_RSA_BITS = 65_536, 4096, 100, 2048
# Private members are never imported, even where a provider publishes them.
_MEMBERS = {"RSA": ("kty", "n", "e"), "EC": ("kty", "crv", "x", "y")}
# RFC 7515 §4.1: where a token brings its own key, the key is not read; what changes the meaning of the rest is refused.
_REFUSED = frozenset({"crit", "b64", "zip"})


class _Registry(JWSRegistry):
    max_header_length = MAX_HEADER


def read(upstream: Upstream, token: object) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims, once the signature is found to be the provider's. Raises UpstreamError."""
    if not isinstance(token, str) or len(token) > MAX_TOKEN or token.count(".") != 2 or not token.isascii():
        raise UpstreamError("failed", "no compact JWS of bearable size")
    header = _header(token.partition(".")[0])
    alg = header.get("alg")
    if alg not in _algorithms(upstream.metadata()):
        raise UpstreamError("failed", f"an algorithm that is not the provider's: {str(alg)[:20]!r}")
    registry = _Registry(algorithms=[alg], strict_check_header=False)
    for jwks in (upstream.keys, upstream.keys_anew):
        candidates = _candidates(jwks(), header.get("kid"), alg)
        for key in candidates:
            try:
                return header, _claims(jws.deserialize_compact(token, key, registry=registry).payload)
            except (JoseError, ValueError, TypeError):
                continue
        if candidates and header.get("kid") is not None:
            break
    raise UpstreamError("failed", "no key of the provider made this signature")


def _algorithms(metadata: Mapping[str, Any]) -> frozenset[str]:
    # Discovery §3: every provider must support RS256.
    listed = metadata.get("id_token_signing_alg_values_supported")
    named = {each for each in listed if isinstance(each, str)} if isinstance(listed, list) else set()
    return (ASYMMETRIC & named) or frozenset({"RS256"})


def _header(segment: str) -> dict[str, Any]:
    try:
        header = json.loads(urlsafe_b64decode(segment.encode())) if len(segment) <= MAX_HEADER else None
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict) or not isinstance(header.get("kid", ""), str) or _REFUSED & header.keys():
        raise UpstreamError("failed", "a header that is malformed or not understood")
    return header


def _claims(payload: bytes) -> dict[str, Any]:
    try:
        claims = json.loads(payload)
    except RecursionError:
        claims = None
    if not isinstance(claims, dict):
        raise UpstreamError("failed", "claims that are no JSON object")
    return claims


def _candidates(jwks: Mapping[str, Any], kid: str | None, alg: str) -> list[RSAKey | ECKey]:
    kind = "EC" if alg.startswith("ES") else "RSA"
    found = []
    for jwk in jwks["keys"][:MAX_KEYS]:
        if not isinstance(jwk, dict) or jwk.get("kty") != kind or jwk.get("use", "sig") != "sig":
            continue
        if (kid is None or jwk.get("kid") == kid) and jwk.get("alg", alg) == alg and (key := _imported(jwk)):
            found.append(key)
    # Core §10.1: a token may leave out `kid` only where there is one key to choose from.
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
