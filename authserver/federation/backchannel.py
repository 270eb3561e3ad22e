"""`/federation/<provider>/backchannel-logout`: the provider says that a person signed out there; ours end, too.

OpenID Connect Back-Channel Logout 1.0 §2.5-§2.8. https://openid.net/specs/openid-connect-backchannel-1_0.html
"""

from collections.abc import Mapping
from typing import Any

import structlog

from authserver import people
from authserver.federation.metadata import Upstreams
from authserver.protocol.errors import ProtocolError
from authserver.protocol.provider import Provider
from authserver.protocol.upstream.claims import MAX_AGE_OF_LOGOUT, logout_token
from authserver.protocol.upstream.fault import UpstreamError
from authserver.protocol.upstream.foreign_jwt import SKEW
from authserver.server import NO_STORE, Reply, Request, Server
from authserver.store import once, users
from authserver.store.upstream import identities, upstream_sessions

_log = structlog.get_logger("authserver")


def backchannel_logout(upstreams: Upstreams, server: Server, request: Request) -> Reply:
    """End the sessions that a logout token names: 200, or 400 where it is none of this provider."""
    name = request.arguments["name"]
    provider = server.providers.get(name)
    if provider is None:
        raise ProtocolError("invalid_request", "There is no such provider.", status=404)
    try:
        token = request.parameters.get("logout_token")
        if provider.kind != "openid" or token is None:
            raise UpstreamError("failed", "not one logout_token in a form")
        upstream = upstreams.of(provider)
        with upstream.called():
            claims = logout_token(
                token,
                upstream.key_sets(),
                upstream.algorithms(),
                issuer=provider.issuer,
                client_id=provider.client_id,
                now=server.now(),
            )
        _end(server, provider, claims)
    except UpstreamError as error:
        refusal = ProtocolError("invalid_request", "The logout token was refused.", detail=error.detail)
        _log.warning(
            "federation:logout_refused",
            provider=name,
            error=refusal.error,
            reason=refusal.description,
            detail=refusal.detail,
        )
        raise refusal from None
    # §2.8: nobody keeps the answer.
    return Reply(200, headers=NO_STORE)


def _end(server: Server, provider: Provider, claims: Mapping[str, Any]) -> None:
    now = server.now()
    subject, sid, issued_at = claims.get("sub"), claims.get("sid"), int(claims["iat"])
    with server.database.write() as connection:
        # Remembered for as long as its `iat` would let it pass, by the slowest clock of several machines.
        if not once.spend(connection, provider.issuer, claims["jti"], issued_at + MAX_AGE_OF_LOGOUT + SKEW):
            raise UpstreamError("failed", "a logout token that was used before")
        if subject is not None:
            identity = identities.find(connection, provider.issuer, subject)
            subs = [identity.sub] if identity else []
        else:
            subs = upstream_sessions.people_of_upstream(connection, provider.name, str(sid), now)
        for user in filter(None, (users.get(connection, sub) for sub in sorted(subs))):
            # What began after the token was written is not meant.
            meant = upstream_sessions.of_upstream(connection, user.sub, provider.name, sid, issued_at + SKEW, now)
            if meant:
                people.end_these(people.change_of(server, connection, people.provider(provider.name)), user, meant)
