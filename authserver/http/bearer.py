"""The access token of a request to one of this server's own endpoints, verified.

RFC 6750 §2, §3.1; RFC 9068 §4; RFC 9449 §7; RFC 8705 §3. https://www.rfc-editor.org/rfc/rfc9068#section-4
"""

from collections.abc import Mapping
from typing import Any

from authserver.http.possession.certificate import certificate_of, why_not
from authserver.http.possession.client_certificate import CertificateFault
from authserver.http.possession.dpop import proof_of, spend
from authserver.keys import ExpiredToken, InvalidToken
from authserver.protocol.token import access_token
from authserver.protocol.token.bearer import (
    PresentedToken,
    another_certificate,
    another_scheme,
    invalid_token,
    refused_proof,
)
from authserver.protocol.token.confirmation import token_type
from authserver.protocol.token.dpop import DpopError
from authserver.server import Request, Server


def verified_claims(server: Server, request: Request, presented: PresentedToken) -> dict[str, Any]:
    """The claims of an access token that this server signed and whose time is not over. Raises BearerError.

    One that is bound to a key comes with proof of it, which is spent here (RFC 9449 §7.1), and one that is bound to a
    certificate over a connection with it.
    Whom it is for, and whether what it hangs on still lives, is the caller's to look at. The client it was given to is
    noted for the log, of an expired token, too.
    """
    try:
        claims = server.keys.verify(presented.token, access_token.TYPE, now=server.now())
    except InvalidToken as error:
        if isinstance(error, ExpiredToken):
            request.client_id = str(error.claims.get("client_id"))
        raise invalid_token(str(error)) from None
    request.client_id = str(claims.get("client_id"))
    if presented.scheme == "DPoP" or "cnf" in claims:
        _check_possession(server, request, presented, claims)
    return claims


def _check_possession(server: Server, request: Request, presented: PresentedToken, claims: Mapping[str, Any]) -> None:
    confirmation = claims.get("cnf")
    if token_type(confirmation) != presented.scheme:
        raise another_scheme()
    if presented.scheme == "Bearer":
        _check_certificate(server, request, confirmation)
        return
    try:
        proof = proof_of(server, request, presented.token)
        if proof is None:
            raise DpopError("Send a proof in the DPoP header.")
        if not isinstance(confirmation, dict) or proof.jkt != confirmation.get("jkt"):
            raise DpopError("The proof is by another key than the one that the access token is bound to.")
        with server.database.write_one(is_brief=True) as connection:
            spend(server, connection, proof)
    except DpopError as refused:
        raise refused_proof(refused) from None


def _check_certificate(server: Server, request: Request, confirmation: object) -> None:
    try:
        certificate = certificate_of(server, request)
    except CertificateFault as fault:
        raise another_certificate(fault.detail) from None
    if certificate is None:
        raise another_certificate(why_not(server, request))
    if confirmation != {"x5t#S256": certificate.thumbprint}:
        raise another_certificate(f"bound to {confirmation!r:.200}, the request came with {certificate.thumbprint}")
