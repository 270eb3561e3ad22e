"""Resource indicators: for whom one access token is.

RFC 8707 §2; RFC 9068 §2.2, §4; RFC 9700 §2.3. https://www.rfc-editor.org/rfc/rfc8707#section-2
"""

import re
from collections.abc import Iterable

from authserver.protocol.client.client import Client
from authserver.protocol.client.registry import Registry
from authserver.protocol.errors import ProtocolError

# ASCII alone: the lower case of some foreign letters is one of ours.
_WITH_AUTHORITY = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://[A-Za-z0-9._:\[\]-]+)([/?#].*)?", re.DOTALL)


def normal(uri: str) -> str:
    """A URI with scheme and host in lowercase and no slash that stands for an empty path (RFC 3986 §6.2.2.1, §6.2.3).

    Two with one normal form are one resource; nothing else is made alike.
    """
    found = _WITH_AUTHORITY.fullmatch(uri)
    if found is None:
        return uri
    authority, rest = found.groups()
    return authority.lower() + ("" if rest in {None, "/"} else rest)


def authorized_audiences(
    resources: tuple[str, ...], client: Client, registry: Registry, issuer: str, scope: Iterable[str] = ()
) -> tuple[str, ...]:
    """The audiences one authorization may be used for; without `resource` all of the client's, its first API first.

    A client of no API gets the issuer: its tokens are good for userinfo alone. With `openid` in scope the issuer is a
    resource that may be asked for. Each comes out as it is registered.
    """
    registered = registered_audiences(client, registry, issuer)
    if not resources:
        return registered
    open_to_it = (*registered, issuer) if "openid" in scope else registered
    found = [_among(open_to_it, resource) for resource in resources]
    if None in found:
        raise ProtocolError(
            "invalid_target", "A resource is unknown or not available to this client.", detail=repr(resources)
        )
    return tuple(dict.fromkeys(audience for audience in found if audience is not None))


def registered_audiences(client: Client, registry: Registry, issuer: str) -> tuple[str, ...]:
    """The audiences of a client's APIs, or the issuer where it has none."""
    return tuple(registry.apis[name].audience for name in client.apis) or (issuer,)


def token_audiences(
    resources: tuple[str, ...], authorized: tuple[str, ...], userinfo: str | None = None
) -> tuple[str, ...]:
    """The audience of one token: the resource that was asked for, alone; else the first authorized.

    `userinfo` is the issuer, where the token may be used there as well: then an unasked one names both, and it may be
    asked for alone.
    """
    if not resources:
        first = authorized[0]
        return (first,) if userinfo is None or userinfo == first else (first, userinfo)
    found = {_among(authorized if userinfo is None else (*authorized, userinfo), resource) for resource in resources}
    if len(found) > 1:
        raise ProtocolError("invalid_target", "An access token is for one resource. Ask for one at a time.")
    audience = found.pop()
    if audience is None:
        raise ProtocolError("invalid_target", "The resource was not authorized.", detail=repr(resources[0]))
    return (audience,)


def _among(audiences: tuple[str, ...], resource: str) -> str | None:
    """The audience that a resource is, as it is registered."""
    if resource in audiences:
        return resource
    sought = normal(resource)
    return next((audience for audience in audiences if normal(audience) == sought), None)
