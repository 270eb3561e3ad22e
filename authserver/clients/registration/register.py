"""`POST /register`: a client registers itself.

RFC 7591 §3; OpenID Connect Registration 1.0 §3. https://www.rfc-editor.org/rfc/rfc7591#section-3
"""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

from authserver.clients.registration.answer import body_of, described
from authserver.clients.registration.metadata import accepted, client_of
from authserver.events import emit
from authserver.http import limits
from authserver.http.address import limit_key
from authserver.http.aside import aside
from authserver.protocol.client.client import CERTIFICATE_METHODS, SECRET_METHODS, Client
from authserver.protocol.client.registry import REGISTERED
from authserver.protocol.errors import ProtocolError
from authserver.protocol.token.bearer import invalid_token, presented_token
from authserver.server import Reply, Request, Server
from authserver.store.registration import clients, tokens

CROWDED = "No more clients are taken here. Tell the administrator."


def register(server: Server, request: Request) -> Reply:
    """Take the client in, and answer with its id, its secret where it has one, and the token that it manages itself by.

    Whether it may is asked before anything of it is looked at, and spent in the transaction that keeps it.
    """
    settings, now = server.settings, server.now()
    _limit(server, "register", request.address)
    is_open = settings.registration == "open"
    initial = None if is_open and request.header("Authorization") is None else _initial(server, request, now)
    allowed = initial[1] if initial else settings.registration_scopes
    client_id, token = REGISTERED + secrets.token_urlsafe(16), secrets.token_urlsafe(32)
    given = body_of(request)
    metadata, secret = checked(server, request.address, client_id, given, allowed)
    with server.database.write(is_brief=True) as connection:
        if clients.count(connection) >= settings.registered_clients:
            raise ProtocolError("temporarily_unavailable", CROWDED, status=503)
        if initial and not tokens.spend(connection, initial[0], now):
            raise invalid_token("an initial access token that was spent meanwhile")
        clients.add(
            connection,
            client_id,
            metadata,
            secret_digest=digest_of(secret),
            token=token,
            allowed=allowed,
            now=now,
        )
        emit("client:registration:created", client_id=client_id, within=connection, called=metadata["client_name"])
    server.registered.changed(client_id)
    return described(server, client_id, metadata, token, created_at=now, secret=secret, status=201)


def checked(
    server: Server,
    address: str,
    client_id: str,
    given: Mapping[str, Any],
    allowed: tuple[str, ...],
    kept: bytes | None = None,
) -> tuple[dict[str, Any], str | None]:
    """The metadata as they are kept, and a new secret where the client needs one and has none `kept`.

    `address` is whose it is. Raises ProtocolError where they make no client.
    """
    registry, may_be_http = server.registry, server.settings.is_loopback
    metadata = accepted(given, allowed, registry)
    needs_secret = metadata["token_endpoint_auth_method"] in tuple(SECRET_METHODS)
    secret = secrets.token_urlsafe(32) if needs_secret and kept is None else None
    digest = (digest_of(secret) or kept) if needs_secret else None
    client = client_of(registry, client_id, metadata, digest, http=may_be_http)
    if server.settings.mtls_header is None and _needs_certificates(client):
        raise ProtocolError("invalid_client_metadata", "No TLS certificates of clients are accepted here.")
    if client.sector_identifier_uri is not None:
        # A change of what is registered calls a stranger's server as often as somebody likes, else.
        _limit(server, "sector", address)
        _check_sector(client, client.sector_identifier_uri)
    return metadata, secret


def _check_sector(client: Client, uri: str) -> None:
    # Needed only here, and an HTTP client is a tenth of the start.
    from authserver.clients.sectors import WAITING, fault_of_sector

    # Where a stranger leads may be slow for as long as it can: few wait for it, and they are in nobody's way.
    if not WAITING.acquire(blocking=False):
        retry = (("Retry-After", "5"),)
        raise ProtocolError(
            "temporarily_unavailable", "Too many registrations at once. Wait.", status=429, headers=retry
        )
    try:
        with aside():
            fault = fault_of_sector(uri, client.redirect_uris)
    finally:
        WAITING.release()
    if fault:
        raise ProtocolError(
            "invalid_client_metadata",
            "sector_identifier_uri: cannot be fetched, or does not list the redirect_uris as a JSON array.",
            detail=fault,
        )


def _limit(server: Server, what: str, address: str) -> None:
    wait = limits.hit(server.limiter, server.settings.registration_limit, what, limit_key(address))
    if wait:
        retry = (("Retry-After", str(wait)),)
        raise ProtocolError("temporarily_unavailable", "Too many registrations. Wait.", status=429, headers=retry)


def _needs_certificates(client: Client) -> bool:
    return client.certificate_bound_access_tokens or client.token_endpoint_auth_method in CERTIFICATE_METHODS


def digest_of(secret: str | None) -> bytes | None:
    """As clients.yaml has it in `sha256`."""
    return None if secret is None else hashlib.sha256(secret.encode()).digest()


def _initial(server: Server, request: Request, now: int) -> tuple[str, tuple[str, ...]]:
    token = presented_token(request.header("Authorization")).token
    with server.database.read() as connection:
        found = tokens.find(connection, token, now)
    if found is None:
        raise invalid_token("an initial access token that is unknown, spent, or over")
    return token, found.scope or server.settings.registration_scopes
