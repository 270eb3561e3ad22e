"""The word to a client's server that a session of a person is over: a job of the outbox, in a lane for each client.

OpenID Connect Back-Channel Logout 1.0 §2.5-2.8. The address is that of clients.yaml at the moment of the call.
https://openid.net/specs/openid-connect-backchannel-1_0.html
"""

import secrets
from typing import ClassVar

from authserver.events import emit
from authserver.keys import NoSigningKey
from authserver.keys.signed_token import sign
from authserver.outbox.kind import About, Kind, LaterError, Payload, UndeliverableError
from authserver.people.farewell import JOB
from authserver.protocol.client.client import Client
from authserver.protocol.token.logout_token import TYPE, logout_token_claims
from authserver.server import Server
from authserver.store import Connection

HOUR = 3600
# 204: what some frameworks make of a 200 without a body (§2.8).
DONE = frozenset({200, 204})
REFUSED = "the client refused the logout token with status 400"
NOT_REGISTERED = "no address is registered for it"


class LogoutTokens(Kind):
    """What one client refuses or is slow to take is that client's affair: each has its own lane."""

    name: ClassVar[str] = JOB
    at_once: ClassVar[int] = 16
    at_once_to_one: ClassVar[int] = 2
    life: int = HOUR

    def __init__(self, server: Server) -> None:
        self._server = server

    def deliver(self, about: About, payload: Payload) -> None:
        client = self._server.client(about["client_id"])
        if client is None or client.backchannel_logout_uri is None:
            raise UndeliverableError(NOT_REGISTERED)
        # An HTTP client would be a tenth of the start, for servers that have nobody to tell, too.
        from authserver.logout.call import post_token

        token = self._token(client, payload)
        status = post_token(self._server.settings, client, client.backchannel_logout_uri, token).status_code
        if status == 400:
            raise UndeliverableError(REFUSED)
        if status not in DONE:
            raise LaterError(f"it answered with status {status}")

    def done(self, connection: Connection, about: About, payload: Payload) -> None:
        emit("client:logout:delivered", sub=payload["sub"], client_id=about["client_id"], within=connection)

    def abandoned(self, connection: Connection, about: About, payload: Payload | None, reason: str) -> None:
        sub, client_id = payload["sub"] if payload else None, about["client_id"]
        if reason == REFUSED:
            emit("client:logout:refused", sub=sub, client_id=client_id, within=connection)
        elif reason != NOT_REGISTERED:
            emit("client:logout:abandoned", sub=sub, client_id=client_id, within=connection, reason=reason)

    def _token(self, client: Client, payload: Payload) -> str:
        server, now = self._server, self._server.now()
        try:
            key = server.keys.signer(client.id_token_signed_response_alg, now)
        except NoSigningKey as lacking:
            server.keys.wait(lacking.alg, now)
            raise LaterError("the key for the client's signing_alg is new and signs shortly") from None
        server.pairwise.prepare(client)
        claims = logout_token_claims(
            issuer=server.settings.issuer,
            client_id=client.client_id,
            sub=server.pairwise.seen(client, payload["sub"]),
            sid=server.pairwise.seen(client, payload["sid"], "sid"),
            # A new one at each try: a client that took the first, and whose answer was lost, takes no replay for it.
            jti=secrets.token_urlsafe(16),
            now=now,
        )
        return sign(key, claims, TYPE)
