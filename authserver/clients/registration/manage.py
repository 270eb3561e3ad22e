"""`/register/{client_id}`: a client sees, replaces and removes its own registration.

RFC 7592 §2. https://www.rfc-editor.org/rfc/rfc7592#section-2
"""

from authserver.clients.registration.answer import body_of, described
from authserver.clients.registration.register import checked, digest_of
from authserver.events import emit
from authserver.protocol.client.client import SECRET_METHODS
from authserver.protocol.errors import ProtocolError
from authserver.protocol.token.bearer import invalid_token, presented_token
from authserver.server import NO_STORE, Reply, Request, Server
from authserver.store.registration import clients
from authserver.store.registration.clients import Registered

# §2.2: what a client may not set.
NEVER_SENT = (
    *("registration_access_token", "registration_client_uri"),
    *("client_secret_expires_at", "client_id_issued_at"),
)
DISABLED = "This client was disabled by an administrator. Ask them to enable it."


def manage(server: Server, request: Request) -> Reply:
    """Answer GET, PUT and DELETE by the client’s registration access token, which opens no other."""
    token = presented_token(request.header("Authorization")).token
    with server.database.read() as connection:
        found = clients.of_token(connection, request.arguments["client_id"], token)
    if found is None:
        # §2: whether there is such a client is nobody else’s business.
        raise invalid_token("a registration access token of no such client")
    if found.disabled_at is not None:
        # §2.1 to §2.3: 403 where the server does not allow it. What it said of itself stays for administrators to see.
        raise ProtocolError("access_denied", DISABLED, status=403)
    if request.method == "DELETE":
        return _remove(server, found)
    if request.method == "PUT":
        return _replace(server, request, found, token)
    return described(server, found.client_id, found.metadata, token, created_at=found.created_at)


def _replace(server: Server, request: Request, found: Registered, token: str) -> Reply:
    given = body_of(request)
    if given.get("client_id") != found.client_id or any(name in given for name in NEVER_SENT):
        raise ProtocolError("invalid_request", "Send client_id, and nothing that the server sets (RFC 7592, 2.2).")
    sent = given.get("client_secret")
    if sent is not None and (not isinstance(sent, str) or digest_of(sent) != found.secret_digest):
        raise ProtocolError("invalid_request", "client_secret is not that of this client, and cannot be chosen.")
    metadata, secret = checked(server, request.address, found.client_id, given, found.allowed, found.secret_digest)
    keeps = metadata["token_endpoint_auth_method"] in SECRET_METHODS
    with server.database.write(is_brief=True) as connection:
        kept = (digest_of(secret) or found.secret_digest) if keeps else None
        if not clients.replace(connection, found, metadata, secret_digest=kept):
            raise ProtocolError("invalid_request", "It was changed meanwhile. Read it again.", status=409)
        emit("client:registration:changed", client_id=found.client_id, within=connection)
    server.registered.changed(found.client_id)
    return described(server, found.client_id, metadata, token, created_at=found.created_at, secret=secret)


def _remove(server: Server, found: Registered) -> Reply:
    with server.database.write() as connection:
        if clients.remove(connection, found.client_id, server.now()):
            emit("client:registration:deleted", client_id=found.client_id, within=connection)
    server.registered.changed(found.client_id)
    return Reply(204, headers=NO_STORE)
