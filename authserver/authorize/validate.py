"""Validation: parameters become a checked request, or the refusal that the client or the person sees.

RFC 6749 §4.1.1; OpenID Connect Core §3.1.2.2. https://openid.net/specs/openid-connect-core-1_0.html#AuthRequestValidation
"""

from dataclasses import dataclass, replace

from authserver.authorize.response import Destination
from authserver.keys import InvalidToken
from authserver.protocol.client.client import Client
from authserver.protocol.errors import RedirectedError
from authserver.protocol.parameters import Parameters
from authserver.protocol.request.authorization_request import (
    check_request,
    resolve_client,
    resolve_redirect_uri,
    resolve_response_mode,
)
from authserver.protocol.token import id_token
from authserver.server import Server
from authserver.signin.client_request import ClientRequest


@dataclass(frozen=True, slots=True)
class UncheckedRequest:
    """Parameters whose client and redirect URI hold, and of which nothing else is known: the client hears of errors."""

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


def resolve(server: Server, parameters: Parameters) -> UncheckedRequest:
    """The client and its redirect URI, before anything else. Raises ShownError."""
    client = resolve_client(parameters, server.registry)
    return UncheckedRequest(client, *resolve_redirect_uri(parameters, client), parameters)


def validate(server: Server, unchecked: UncheckedRequest, *, is_pushed: bool = False) -> ClientRequest:
    """Everything else about the request. Raises RedirectedError."""
    settings = server.settings
    must_push = settings.require_pushed_authorization_requests or unchecked.client.must_push
    if must_push and not is_pushed:
        raise RedirectedError("invalid_request", "Push the request first: this client must use request_uri (RFC 9126).")
    checked = check_request(
        unchecked.parameters,
        unchecked.client,
        (unchecked.redirect_uri, unchecked.redirect_uri_given),
        server.registry,
        settings.issuer,
        may_sign_up=settings.may_sign_up,
        longest=settings.state_size,
    )
    hint = unchecked.parameters.get("id_token_hint")
    if hint is not None:
        checked = replace(checked, hint_sub=_hinted(server, unchecked.client, hint))
    return ClientRequest(unchecked.client, checked)


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
