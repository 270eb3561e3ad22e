"""`POST /par`: a client pushes its request ahead of the browser, and gets a `request_uri` that stands for it once.

RFC 9126 §2, §4; RFC 9101 §6.3 (nothing beside it counts). https://www.rfc-editor.org/rfc/rfc9126
"""

from collections.abc import Callable
from dataclasses import replace

from authserver.authorize.validate import resolve_for, validate
from authserver.http import limits
from authserver.http.address import limit_key
from authserver.http.possession.dpop import proof_of, spend
from authserver.protocol.client.authentication import METHODS
from authserver.protocol.client.client import Client
from authserver.protocol.errors import ProtocolError, ShownError
from authserver.protocol.parameters import Parameters
from authserver.protocol.request import redirect_uri
from authserver.protocol.request.authorization_request import PUSHED, BrowserRequest
from authserver.protocol.token.dpop import DpopError
from authserver.server import Reply, Request, Server, json_reply
from authserver.signin.client_request import ClientRequest
from authserver.store import requests

# RFC 9126 §2.1: how a client authenticates is no part of what it asks.
CREDENTIALS = frozenset({"client_secret", "client_assertion", "client_assertion_type"})


def push(server: Server, request: Request) -> Reply:
    """Check a request as the authorization endpoint would, and keep it: 201 with `request_uri`, or a refusal."""
    client = server.authenticate_client(request, METHODS, "pushed_authorization_request")
    if "authorization_code" not in client.grant_types:
        raise ProtocolError("unauthorized_client", "The client may not ask for authorization.")
    _limit_strangers(server, client, request)
    parameters = request.parameters.without(CREDENTIALS)
    if "request_uri" in parameters.names:
        raise ProtocolError("invalid_request", "A pushed request cannot contain request_uri.")
    asked = validate(server, resolve_for(server, client, parameters), is_pushed=True).request
    # RFC 9449 §10.1: a proof here binds the code, as dpop_jkt does.
    proof = proof_of(server, request)
    if proof is not None and client.certificate_bound_access_tokens:
        raise DpopError("The tokens of this client are bound to its TLS certificate: leave out the DPoP header.")
    if proof is not None and asked.dpop_jkt not in (None, proof.jkt):
        raise DpopError("dpop_jkt is the thumbprint of another key than that of the DPoP proof.")
    lifetime = server.settings.pushed_request_lifetime
    with server.database.write(is_brief=True) as connection:
        if proof is not None:
            spend(server, connection, proof)
            asked = replace(asked, dpop_jkt=proof.jkt)
        handle = requests.push(connection, asked, server.now(), lifetime)
    return json_reply({"request_uri": PUSHED + handle, "expires_in": lifetime}, 201)


def pushed_request(server: Server, parameters: Parameters, browser: Callable[[], bytes | None]) -> ClientRequest | None:
    """The request that the parameters of the authorization endpoint stand for; None where it was not pushed.

    `browser` gives the digest of the browser that brings it, if that is known. Raises ShownError.
    """
    uri, client_id = parameters.get("request_uri"), parameters.get("client_id")
    if uri is None or not uri.startswith(PUSHED):
        return None
    client = server.client(client_id)
    found = None
    if client is not None:
        handle = uri.removeprefix(PUSHED)
        with server.database.read() as connection:
            found = requests.find_pushed(connection, handle, client.client_id, browser(), server.now())
    if client is None or found is None or found.authorization_id is not None or found.progress.denied:
        raise ShownError("invalid_request_uri", "request_uri is unknown, expired, used, or of another client.")
    # Asked anew: the URI may have been taken out of clients.yaml since.
    brought = found.request
    if not isinstance(brought, BrowserRequest) or not redirect_uri.matches(
        client.redirect_uris, brought.redirect_uri, client.type
    ):
        raise ShownError("invalid_request", "redirect_uri is not one that is registered for this client.")
    return ClientRequest(client, brought, handle, found.progress, is_claimed=found.is_claimed)


def _limit_strangers(server: Server, client: Client, request: Request) -> None:
    # Anybody can push as a public client, and each request is stored.
    key = limit_key(request.address)
    wait = limits.hit(server.limiter, server.settings.request_limit, "authorize", key) if client.is_public else 0
    if wait:
        raise ProtocolError(
            "temporarily_unavailable",
            "Too many requests were pushed from this address.",
            status=429,
            headers=(("Retry-After", str(wait)),),
        )
