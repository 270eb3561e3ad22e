"""`/federation/<provider>/backchannel-logout`: the provider says that a person signed out there; ours end, too.

OpenID Connect Back-Channel Logout 1.0 §2.5-§2.8. https://openid.net/specs/openid-connect-backchannel-1_0.html
"""

import json
from collections.abc import Mapping
from typing import Any

import structlog
from flask import Response, request

from authserver import people
from authserver.federation.enter import change_by
from authserver.federation.provider import provider_of, upstream_of
from authserver.pages.current import current_server
from authserver.pages.forgery import accept_from_elsewhere
from authserver.protocol.provider import Provider
from authserver.protocol.upstream.claims import MAX_AGE_OF_LOGOUT, logout_token
from authserver.protocol.upstream.fault import UpstreamError
from authserver.protocol.upstream.foreign_jwt import SKEW
from authserver.server import FORM
from authserver.store import once, users
from authserver.store.upstream import identities, upstream_sessions

_log = structlog.get_logger("authserver")


@accept_from_elsewhere
def backchannel_logout(name: str) -> Response:
    """End the sessions that a logout token names: 200, or 400 where it is none of this provider."""
    provider = provider_of(name)
    tokens = request.form.getlist("logout_token") if request.mimetype == FORM else []
    try:
        if provider.kind != "openid" or len(tokens) != 1:
            raise UpstreamError("failed", "not one logout_token in a form")
        upstream = upstream_of(provider)
        with upstream.called():
            claims = logout_token(
                tokens[0],
                upstream.key_sets(),
                upstream.algorithms(),
                issuer=provider.issuer,
                client_id=provider.client_id,
                now=current_server().now(),
            )
        _end(provider, claims, current_server().now())
    except UpstreamError as error:
        refusal = {"error": "invalid_request", "error_description": "The logout token was refused."}
        _log.warning(
            "federation:logout_refused",
            provider=name,
            error=refusal["error"],
            reason=refusal["error_description"],
            detail=error.detail,
        )
        body = json.dumps(refusal)
        return Response(body, 400, content_type="application/json")
    return Response(status=200)


def _end(provider: Provider, claims: Mapping[str, Any], now: int) -> None:
    subject, sid, issued_at = claims.get("sub"), claims.get("sid"), int(claims["iat"])
    with current_server().database.write() as connection:
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
                people.end_these(change_by(connection, provider), user, meant)
