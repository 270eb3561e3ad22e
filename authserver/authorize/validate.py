"""Validation: parameters become a checked request, or the refusal that the client or the person sees.

RFC 6749 §4.1.1; OpenID Connect Core §3.1.2.2. https://openid.net/specs/openid-connect-core-1_0.html#AuthRequestValidation
"""

from dataclasses import dataclass, replace

from authserver.authorize.response import Destination
from authserver.keys import InvalidToken
from authserver.outbound.fault import CallError
from authserver.protocol.client.client import Client
from authserver.protocol.errors import ProtocolError, RedirectedError, ShownError
from authserver.protocol.parameters import Parameters
from authserver.protocol.request import request_object
from authserver.protocol.request.authorization_request import (
    check_request,
    resolve_client,
    resolve_redirect_uri,
    resolve_response_mode,
)
from authserver.protocol.token import id_token
from authserver.protocol.upstream.foreign_jwt import ForeignJwtError
from authserver.server import Server
from authserver.signin.client_request import ClientRequest


@dataclass(frozen=True, slots=True)
class UncheckedRequest:
    """Parameters whose client and redirect URI hold, and of which nothing else is known: the client hears of errors.

    `is_signed` says that they stood in a request object; `fault` is what keeps one that was sent from being read.
    """

    client: Client
    redirect_uri: str
    redirect_uri_given: bool
    parameters: Parameters
    is_signed: bool = False
    fault: RedirectedError | None = None

    @property
    def destination(self) -> Destination:
        """Where an error goes."""
        parameters = self.parameters
        mode = resolve_response_mode(parameters)
        return Destination(self.client, self.redirect_uri, mode, parameters.get("state"))


def resolve(server: Server, parameters: Parameters) -> UncheckedRequest:
    """The client and its redirect URI, before anything else. Raises ShownError."""
    try:
        client = resolve_client(parameters, server.registry)
    except ShownError:
        known = server.registered.shown(server.registry, parameters.get("client_id"))
        if known is not None and known.is_disabled:
            raise ShownError("invalid_client", "An administrator disabled this client.") from None
        raise
    return resolve_for(server, client, parameters)


def resolve_for(server: Server, client: Client, parameters: Parameters) -> UncheckedRequest:
    """As `resolve`, for a client that is known already. Of a request object only what stands in it counts."""
    signed = parameters.get("request")
    if signed is None:
        return UncheckedRequest(client, *resolve_redirect_uri(parameters, client), parameters)
    try:
        inner = request_in(server, client, signed)
    except RedirectedError as fault:
        try:
            # What it says is worth nothing; what stands beside it leads to a registered place or nowhere.
            return UncheckedRequest(client, *resolve_redirect_uri(parameters, client), parameters, fault=fault)
        except ShownError:
            raise ShownError(
                fault.error,
                "The signed request object is not valid.",
                detail=f"{fault.description} {fault.detail}",
            ) from None
    found = UncheckedRequest(client, *resolve_redirect_uri(inner, client), inner, is_signed=True)
    try:
        parameters.refuse_faults()
    except ProtocolError as error:
        # RFC 6749 §3.1: what stands beside it counts for nothing, and is no reason to read a request that is none.
        return replace(found, fault=RedirectedError(error.error, error.description, detail=error.detail))
    return found


def request_in(server: Server, client: Client, signed: str) -> Parameters:
    """The parameters in a request object. Raises RedirectedError."""
    if client.jwks is None and client.jwks_uri is None:
        # OpenID Connect Core §3.1.2.6: of a client without keys none can be verified.
        raise RedirectedError("request_not_supported", "The parameter request is for clients with registered keys.")
    try:
        return request_object.read(
            signed, client, server.client_keys.key_sets(client), issuer=server.settings.issuer, now=server.now()
        )
    except ForeignJwtError as error:
        raise RedirectedError("invalid_request_object", f"The request object was refused: {error}.") from None
    except CallError as error:
        raise RedirectedError(
            "invalid_request_object", "The keys at the client's jwks_uri cannot be had.", detail=error.detail
        ) from None


def validate(server: Server, unchecked: UncheckedRequest, *, is_pushed: bool = False) -> ClientRequest:
    """Everything else about the request. Raises RedirectedError."""
    if unchecked.fault is not None:
        raise unchecked.fault
    settings = server.settings
    if unchecked.client.must_sign and not unchecked.is_signed:
        raise RedirectedError("invalid_request", "This client must send a signed request object (RFC 9101).")
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
    pairwise, client = server.pairwise, unchecked.client
    if client.sector is not None:
        # What the claims parameter demands is nobody where no client of this sector got it.
        subs = tuple(pairwise.meant(client, sub) or "" for sub in checked.subs)
        named = checked.login_hint and pairwise.meant(client, checked.login_hint)
        # It is no name to sign in with, and whose that is must not be told by the page.
        checked = replace(checked, subs=subs, login_hint=None if named else checked.login_hint)
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
    return server.pairwise.meant(client, str(claims["sub"])) or str(claims["sub"])
