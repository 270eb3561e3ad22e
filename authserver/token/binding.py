"""The key that a request proves, and what is bound to it: access tokens, and the refresh tokens of public clients.

RFC 9449 §5. https://www.rfc-editor.org/rfc/rfc9449#section-5
"""

from authserver.http.possession.dpop import proof_of
from authserver.protocol.client.client import Client
from authserver.protocol.errors import ProtocolError
from authserver.protocol.token.confirmation import Confirmation
from authserver.protocol.token.dpop import DpopError, DpopProof
from authserver.server import Request, Server
from authserver.store import Connection
from authserver.store.allowed import bound
from authserver.store.allowed.authorizations import Authorization


def proof_of_sender(server: Server, request: Request, client: Client) -> DpopProof | None:
    """The proof of a token request, which some clients may not leave out (§5.2). Raises DpopError."""
    proof = proof_of(server, request)
    if proof is None and client.dpop_bound_access_tokens:
        raise DpopError("The tokens of this client are bound to a key: send a proof in the DPoP header.")
    if proof is not None and client.is_fapi and proof.alg == "RS256":
        # FAPI 2.0 §5.4.1
        raise DpopError("Sign the DPoP proof with PS256, ES256, or EdDSA: this client follows FAPI 2.0.")
    return proof


def confirmation_of(proof: DpopProof) -> Confirmation:
    """What a token that is issued for this proof is bound to."""
    return Confirmation("jkt", proof.jkt)


def hold_to_key(connection: Connection, client: Client, authorization: Authorization, proven: str | None) -> None:
    """Refuse a refresh without the key that the token is bound to; bind that of a public client that brings its first.

    A confidential client's are bound to its authentication. Raises `invalid_grant`.
    """
    if authorization.bound_to is not None:
        if authorization.bound_to != proven:
            raise ProtocolError("invalid_grant", "The refresh token is bound to a key: send a DPoP proof by that key.")
    elif client.is_public and proven is not None and not bound.bind(connection, authorization.id, proven):
        raise ProtocolError("invalid_grant", "Another request has just bound the refresh token to a key.")
