"""Signed request objects: an authorization request as a JWT, by value, which nobody on its way can change.

RFC 9101 §4, §5, §6, §10.8; OpenID Connect Core §6.1; RFC 8725 §3. https://www.rfc-editor.org/rfc/rfc9101
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from authserver.protocol.client.assertion import SKEW, algorithms
from authserver.protocol.client.client import Client
from authserver.protocol.parameters import REPEATABLE, Parameters
from authserver.protocol.upstream.foreign_jwt import ForeignJwtError, signed_claims

# FAPI 2.0 Message Signing §5.3.1: seconds that a request may be old, and that it may be good for.
LONGEST = 3600
# RFC 9101 §10.8: where another type is named, it is another kind of token. OpenID Connect names none.
_TYPES = frozenset({None, "jwt", "oauth-authz-req+jwt"})
# RFC 9101 §4: what is about the object itself, and is no parameter of the request.
_OF_THE_OBJECT = frozenset({"iss", "aud", "exp", "nbf", "iat", "jti", "sub"})


def read(token: str, client: Client, key_sets: Iterable[Mapping[str, Any]], *, issuer: str, now: int) -> Parameters:
    """The parameters in a request object of this client for this issuer; those outside count for nothing (§6.3).

    `now` is in seconds since the epoch. Raises ForeignJwtError, whose text is constant, and whatever `key_sets` raise.
    """
    _, claims = signed_claims(
        token, key_sets, algorithms(client.request_object_signing_alg, is_fapi=client.is_fapi), _TYPES
    )
    if claims.get("iss") != client.client_id or claims.get("client_id", client.client_id) != client.client_id:
        raise ForeignJwtError("iss and client_id must be the client that asks")
    if claims.get("sub") == client.client_id:
        # RFC 9101 §10.8: else it could be taken for a client assertion, or one of these for it.
        raise ForeignJwtError("sub must not be the client_id")
    audience = claims.get("aud")
    if issuer not in (audience if isinstance(audience, list) else [audience]):
        raise ForeignJwtError("aud must be the issuer of this server")
    _check_times(claims, now)
    if not {"request", "request_uri"}.isdisjoint(claims):
        raise ForeignJwtError("a request object cannot contain another")
    return _parameters(claims)


def _check_times(claims: Mapping[str, Any], now: int) -> None:
    expires_at, since = _time(claims, "exp"), _time(claims, "nbf") if "nbf" in claims else None
    if expires_at <= now - SKEW:
        raise ForeignJwtError("it has expired")
    if since is not None and since > now + SKEW:
        raise ForeignJwtError("nbf is in the future")
    if since is not None and since < now - LONGEST:
        raise ForeignJwtError("nbf is more than 60 minutes ago")
    if expires_at > (now + SKEW if since is None else since) + LONGEST:
        raise ForeignJwtError("exp is more than 60 minutes away")


def _time(claims: Mapping[str, Any], name: str) -> int:
    value = claims.get(name)
    if type(value) is not int or value < 0:
        raise ForeignJwtError(f"{name} must be a whole number of seconds")
    return value


def _parameters(claims: Mapping[str, Any]) -> Parameters:
    values: dict[str, str] = {}
    resources: tuple[str, ...] = ()
    for name, value in claims.items():
        if name == REPEATABLE:
            resources = tuple(_text(each) for each in (value if isinstance(value, list) else [value]))
        elif name not in _OF_THE_OBJECT:
            # §4: numbers and objects stand as JSON has them, such as max_age and claims.
            text = json.dumps(value) if isinstance(value, dict) else _text(value)
            values |= {name: text} if text else {}
    return Parameters(values, tuple(filter(None, resources)))


def _text(value: object) -> str:
    if type(value) is int:
        return str(value) if abs(value) < 2**53 else _refused()
    if not isinstance(value, str) or "\0" in value:
        return _refused()
    try:
        value.encode()
    except UnicodeEncodeError:
        # JSON can write half a character.
        return _refused()
    return value


def _refused() -> str:
    raise ForeignJwtError("a parameter in it is neither text nor a whole number")
