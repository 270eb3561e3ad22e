"""Resource indicators: one audience for one access token.

RFC 8707 §2; RFC 9700 §2.3. https://www.rfc-editor.org/rfc/rfc8707#section-2
"""

from authserver.protocol.client import Client, Registry
from authserver.protocol.errors import ProtocolError


def authorized_audiences(
    resources: tuple[str, ...], client: Client, registry: Registry, issuer: str
) -> tuple[str, ...]:
    """The audiences one authorization may be used for; without `resource` all of the client's, its first API first.

    A client of no API gets the issuer: its tokens are good for userinfo alone.
    """
    registered = tuple(registry.apis[name].audience for name in client.apis) or (issuer,)
    if not resources:
        return registered
    if not set(resources) <= set(registered):
        raise ProtocolError(
            "invalid_target", "A resource is unknown or not open to this client.", detail=repr(resources)
        )
    return tuple(dict.fromkeys(resources))


def token_audience(resources: tuple[str, ...], authorized: tuple[str, ...]) -> str:
    """The audience of one token: the one asked for, the first authorized by default."""
    if not resources:
        return authorized[0]
    if len(set(resources)) > 1:
        raise ProtocolError("invalid_target", "An access token is for one resource: ask for one at a time.")
    if resources[0] not in authorized:
        raise ProtocolError("invalid_target", "The resource was not authorized.", detail=repr(resources[0]))
    return resources[0]
