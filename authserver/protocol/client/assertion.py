"""Client assertions: a client proves who it is by a JWT that it signs, so that no secret ever travels.

RFC 7521 §4.2, §5.2; RFC 7523 §2.2, §3; OpenID Connect Core §9 (`private_key_jwt`); RFC 8725 §3.
https://www.rfc-editor.org/rfc/rfc7523#section-3
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from authserver.protocol.client.client import Client, ClientAlg
from authserver.protocol.upstream.foreign_jwt import ForeignJwtError, signed_claims, unverified_claims
from authserver.protocol.upstream.foreign_keys import EDWARDS

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS: tuple[ClientAlg, ...] = get_args(ClientAlg)
# Seconds that an assertion may live, and that the clocks of two machines may differ.
LIFETIME, SKEW = 300, 30
# RFC 10070 §5: a type of its own; most libraries still write JWT, or nothing.
_TYPES = frozenset({None, "jwt", "client-authentication+jwt"})


class AssertionFault(Exception):  # noqa: N818 - what is wrong with it
    """Why an assertion proves nothing, in constant words; `is_signed` says that the client itself wrote it."""

    def __init__(self, detail: str, *, is_signed: bool) -> None:
        super().__init__(detail)
        self.detail = detail
        self.is_signed = is_signed


@dataclass(frozen=True, slots=True)
class ClientAssertion:
    """A sound assertion: its `jti`, and from when on, in seconds since the epoch, it is refused for its age."""

    jti: str
    forget_at: int


def claimed_client_id(assertion: str) -> str | None:
    """Which client an assertion says it is from: nothing vouches for it yet."""
    try:
        issuer = unverified_claims(assertion).get("iss")
    except ForeignJwtError:
        return None
    return issuer if isinstance(issuer, str) and issuer else None


def algorithms(pinned: ClientAlg | None = None, *, is_fapi: bool = False) -> frozenset[str]:
    """The `alg` values that a client with this registered one may write (FAPI 2.0 §5.4.1: there not RS256)."""
    named = ({*ALGORITHMS} if pinned is None else {pinned}) - ({"RS256"} if is_fapi else set())
    return frozenset(named | EDWARDS if "EdDSA" in named else named)


def read(
    assertion: str,
    client: Client,
    key_sets: Iterable[Mapping[str, Any]],
    *,
    issuer: str,
    endpoints: Collection[str],
    now: int,
) -> ClientAssertion:
    """The assertion of this client, held against its keys. Raises AssertionFault, and whatever `key_sets` raise.

    Its audience is this server, as its issuer or the URL of one of these endpoints; without any it is the issuer as one
    text and nothing else. `now` is in seconds since the epoch. Whether the `jti` was spent is for the store to say.
    """
    allowed = algorithms(client.token_endpoint_auth_signing_alg, is_fapi=client.is_fapi)
    try:
        _, claims = signed_claims(assertion, key_sets, allowed, _TYPES)
    except ForeignJwtError as error:
        raise AssertionFault(str(error), is_signed=False) from None
    if not claims.get("iss") == claims.get("sub") == client.client_id:
        raise _fault("has an iss or sub that is not the client_id")
    if not _is_for(claims.get("aud"), issuer, endpoints):
        raise _fault("has an aud that is not this server's issuer alone")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not jti:
        raise _fault("has no jti")
    return ClientAssertion(jti, _expiry(claims, now) + SKEW)


def _is_for(audience: object, issuer: str, endpoints: Collection[str]) -> bool:
    if not endpoints:
        return audience == issuer
    # RFC 10070 §4: one that names somebody else, too, could be carried there or come from there.
    named = audience if isinstance(audience, list) else [audience]
    return bool(named) and all(each == issuer or each in endpoints for each in named)


def _expiry(claims: Mapping[str, Any], now: int) -> int:
    expires_at = _time(claims, "exp")
    if expires_at <= now - SKEW:
        raise _fault("has expired")
    if expires_at > now + LIFETIME + SKEW:
        raise _fault("is valid for more than 5 minutes")
    for name in ("iat", "nbf"):
        if name in claims and _time(claims, name) > now + SKEW:
            raise _fault("is from the future: check the clock")
    if "iat" in claims and expires_at - _time(claims, "iat") > LIFETIME:
        raise _fault("is valid for more than 5 minutes")
    return expires_at


def _time(claims: Mapping[str, Any], name: str) -> int:
    value = claims.get(name)
    # RFC 7519 §2 has fractions; nobody writes them here but to find out who reads what.
    if type(value) is not int or value < 0:
        raise _fault("has no exp, or a time that is not a whole number of seconds")
    return value


def _fault(detail: str) -> AssertionFault:
    return AssertionFault(detail, is_signed=True)
