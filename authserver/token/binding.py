"""The key that a request proves, and what is bound to it: access tokens, and the refresh tokens of public clients.

RFC 9449 §5 (DPoP); RFC 8705 §3, §4 (the certificate in TLS). https://www.rfc-editor.org/rfc/rfc9449#section-5
"""

from dataclasses import dataclass

from authserver.http.possession.certificate import certificate_of, why_not
from authserver.http.possession.client_certificate import CertificateFault
from authserver.http.possession.dpop import proof_of
from authserver.protocol.client.client import Client
from authserver.protocol.errors import ProtocolError
from authserver.protocol.token.confirmation import Confirmation
from authserver.protocol.token.dpop import DpopError, DpopProof
from authserver.server import Request, Server
from authserver.store import Connection
from authserver.store.allowed import bound
from authserver.store.allowed.authorizations import Authorization


@dataclass(frozen=True, slots=True)
class ProvenKey:
    """What a token request proves: the key that its tokens are bound to. A `proof` is yet to be spent."""

    confirmation: Confirmation
    proof: DpopProof | None = None


def sender_of(server: Server, request: Request, client: Client) -> ProvenKey | None:
    """The key of a token request, which some clients may not leave out. Raises DpopError and `invalid_request`.

    A token is bound in one way: a certificate binds only where the client is registered so, and then no proof does.
    """
    if client.certificate_bound_access_tokens:
        return _by_certificate(server, request)
    proof = proof_of(server, request)
    if proof is None and client.dpop_bound_access_tokens:
        raise DpopError("The tokens of this client are bound to a key: send a proof in the DPoP header.")
    if proof is not None and client.is_fapi and proof.alg == "RS256":
        # FAPI 2.0 §5.4.1
        raise DpopError("Sign the DPoP proof with PS256, ES256, or EdDSA: this client follows FAPI 2.0.")
    return None if proof is None else ProvenKey(Confirmation("jkt", proof.jkt), proof)


def _by_certificate(server: Server, request: Request) -> ProvenKey:
    if request.header("DPoP") is not None:
        raise DpopError("The tokens of this client are bound to its TLS certificate: leave out the DPoP header.")
    try:
        certificate = certificate_of(server, request)
    except CertificateFault as fault:
        raise ProtocolError("invalid_request", fault.said, detail=fault.detail) from None
    if certificate is None:
        raise ProtocolError(
            "invalid_request",
            "The tokens of this client are bound to its TLS certificate: connect with it, to mtls_endpoint_aliases "
            "where the metadata have these.",
            detail=why_not(server, request),
        )
    return ProvenKey(Confirmation("x5t#S256", certificate.thumbprint))


def hold_to_key(connection: Connection, client: Client, authorization: Authorization, proven: str | None) -> None:
    """Refuse a refresh without the key that the token is bound to; bind that of a public client that brings its first.

    A confidential client's are bound to its authentication. Raises `invalid_grant`.
    """
    if authorization.bound_to is not None:
        if authorization.bound_to != proven:
            raise ProtocolError(
                "invalid_grant",
                "The refresh token is bound to a key: send a DPoP proof by that key, or connect with its certificate.",
            )
    elif client.is_public and proven is not None and not bound.bind(connection, authorization.id, proven):
        raise ProtocolError("invalid_grant", "Another request has just bound the refresh token to a key.")
