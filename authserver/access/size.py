"""How large an access token can become: some proxies refuse a header past 8 KiB, and so the request that carries it."""

import json
from collections.abc import Iterable

from authserver.access.effective import all_roles
from authserver.protocol.client.api import Api
from authserver.protocol.client.client import Client
from authserver.protocol.client.registry import Registry
from authserver.protocol.token.access_token import Grantee, access_token_claims
from authserver.protocol.token.reach import Allowed, reach_of_person

# A `kid` is 43 characters; a signature by RSA of 4096 bits, the largest there is, 683.
_HEADER = len('{"alg":"RS256","typ":"at+jwt","kid":""}') + 43
_SIGNATURE = 683
_LONGEST_NUMBER, _LONGEST_SUB, _LONGEST_JTI = 9_999_999_999, "s" * 22, "j" * 39


def largest_access_token(registry: Registry, client: Client, api: Api, issuer: str, groups: Iterable[str] = ()) -> int:
    """Bytes of the access token of a person with every role and these groups, or of a service with all of its own."""
    roles = all_roles(registry, client.roles if client.type == "service" else registry.roles)
    claims = access_token_claims(
        registry,
        client,
        Grantee(_LONGEST_SUB, roles, None if client.type == "service" else _LONGEST_NUMBER, tuple(groups)),
        reach_of_person(registry, client, roles, Allowed(tuple(sorted(client.scopes)), (api.audience,), None, issuer)),
        issuer=issuer,
        jti=_LONGEST_JTI,
        now=_LONGEST_NUMBER,
        default_lifetime=0,
    )
    payload = len(json.dumps(claims, separators=(",", ":")).encode())
    return _encoded(_HEADER) + _encoded(payload) + _SIGNATURE + 2


def _encoded(size: int) -> int:
    """The length of so many bytes in base64url without padding."""
    return -(-size * 4 // 3)
