"""What is asked: parameters become a checked request, or the refusal that the client or the person sees.

RFC 6749 §4.1.1; OpenID Connect Core §3.1.2.2. https://openid.net/specs/openid-connect-core-1_0.html#AuthRequestValidation
"""

from dataclasses import dataclass, replace

from authserver.authorize.response import Destination
from authserver.keys import InvalidToken
from authserver.pages.browser import browser_digest
from authserver.protocol.authorization_request import (
    AuthorizationRequest,
    check_request,
    resolve_client,
    resolve_redirect_uri,
    resolve_response_mode,
)
from authserver.protocol.client import Client
from authserver.protocol.errors import RedirectedError
from authserver.protocol.parameters import Parameters
from authserver.protocol.token import id_token
from authserver.server import Server
from authserver.store import requests
from authserver.store.requests import PendingRequest


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, of which client, and once it waits for a person the handle and what was done under it."""

    client: Client
    request: AuthorizationRequest
    handle: str | None = None
    pending: PendingRequest | None = None

    @property
    def destination(self) -> Destination:
        asking = self.request
        return Destination(self.client, asking.redirect_uri, asking.response_mode, asking.state)


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, and the redirect URI that holds: from here on the client hears of errors."""

    client: Client
    redirect_uri: str
    redirect_uri_given: bool
    parameters: Parameters

    @property
    def destination(self) -> Destination:
        """Where an error goes."""
        parameters = self.parameters
        mode = resolve_response_mode(parameters)
        return Destination(self.client, self.redirect_uri, mode, parameters.get("state"))


def who_asks(server: Server, parameters: Parameters) -> Asking:
    """The client and its redirect URI, before anything else. Raises ShownError."""
    client = resolve_client(parameters, server.registry)
    return Asking(client, *resolve_redirect_uri(parameters, client), parameters)


def what_is_asked(server: Server, asking: Asking) -> Asked:
    """Everything else about the request. Raises RedirectedError."""
    settings = server.settings
    checked = check_request(
        asking.parameters,
        asking.client,
        (asking.redirect_uri, asking.redirect_uri_given),
        server.registry,
        settings.issuer,
        may_sign_up=settings.may_sign_up,
        longest=settings.state_size,
    )
    hint = asking.parameters.get("id_token_hint")
    if hint is not None:
        checked = replace(checked, hint_sub=_hinted(server, asking.client, hint))
    return Asked(asking.client, checked)


def find_asked(server: Server, handle: str) -> Asked | None:
    """What waits under a handle of this browser, of a client that is still registered."""
    with server.database.read() as connection:
        pending = requests.find(connection, handle, browser_digest(), server.now())
    client = server.registry.clients.get(pending.request.client_id) if pending else None
    return None if pending is None or client is None else Asked(client, pending.request, handle, pending)


def _hinted(server: Server, client: Client, hint: str) -> str:
    try:
        claims = server.keys.verify(hint, id_token.TYPE, now=server.now(), ignore_expiry=True)
    except InvalidToken as error:
        raise RedirectedError(
            "invalid_request", "id_token_hint is not an ID token of this server.", detail=str(error)
        ) from None
    if claims.get("aud") != client.client_id:
        raise RedirectedError("invalid_request", "id_token_hint was issued to another client.")
    return str(claims["sub"])
