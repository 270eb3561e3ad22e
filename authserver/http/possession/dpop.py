"""DPoP proofs at this server's endpoints: read, held against the clock or a nonce of the server, and spent once.

RFC 9449 §4.3 (checks), §5 (token endpoint), §8 and §9 (nonces), §11.1 (replay).
https://www.rfc-editor.org/rfc/rfc9449#section-8
"""

import hmac
from base64 import urlsafe_b64encode

from authserver.protocol.token.dpop import DpopError, DpopProof, check_time, read_proof
from authserver.server import Request, Server
from authserver.store import Connection, once

# Seconds for which a nonce is the current one; then it is taken for as long again.
NONCE_LIFETIME = 150
_PURPOSE = "dpop nonce"
_ISSUER = "dpop"


class NonceError(DpopError):
    """The proof lacks a nonce of this server, or has an old one; the answer brings the current one (RFC 9449 §8)."""

    def __init__(self) -> None:
        super().__init__("Send the proof again, with the value of the DPoP-Nonce header as its nonce.")
        self.error = "use_dpop_nonce"


def proof_of(server: Server, request: Request, access_token: str | None = None) -> DpopProof | None:
    """The proof that a request brings, for an access token or none; None where it brings none. Raises DpopError.

    Until `spend` takes it, it may have been used before.
    """
    sent = request.header("DPoP")
    if sent is None:
        return None
    nonces = _nonces(server) if server.settings.dpop_nonce else ()
    if nonces:
        # RFC 9449 §8.2: the client learns of the next one from every answer.
        request.answer_headers = (*request.answer_headers, ("DPoP-Nonce", nonces[0]))
    # RFC 8705 §5: who authenticates by a certificate may have called the alias of the endpoint.
    alias = server.settings.mtls_url and server.settings.mtls_url + request.path
    proof = read_proof(sent, request.method, request.url, access_token, alias=alias)
    if not nonces:
        check_time(proof, server.now())
    elif not _is_one(proof.nonce, nonces):
        raise NonceError
    return proof


def spend(server: Server, connection: Connection, proof: DpopProof) -> None:
    """Take a proof, once, on all nodes. Raises DpopError where it was taken before.

    Within a transaction it is taken with what it pays for, or not at all.
    """
    now = server.now()
    # RFC 9449 §4.3: a nonce tells the time of a proof, too, and then the client's clock does not matter.
    until = now + 2 * NONCE_LIFETIME if server.settings.dpop_nonce else check_time(proof, now)
    # By its key: nobody can spend what others are about to use.
    if not once.spend(connection, f"{_ISSUER} {proof.jkt}", proof.jti, until):
        raise DpopError("The DPoP proof has been used before. Make one for each request.")


def _nonces(server: Server) -> tuple[str, ...]:
    """The nonces of this moment, the current one first: made of the time and the master key, and kept nowhere."""
    turn = server.now() // NONCE_LIFETIME
    keys = server.master.derive(_PURPOSE)
    return tuple(_nonce(key, each) for key in keys for each in (turn, turn - 1))


def _nonce(key: bytes, turn: int) -> str:
    return urlsafe_b64encode(hmac.digest(key, str(turn).encode(), "sha256")).rstrip(b"=").decode("ascii")


def _is_one(nonce: str | None, nonces: tuple[str, ...]) -> bool:
    given = (nonce or "").encode("utf-8", "replace")
    return any(hmac.compare_digest(given, each.encode()) for each in nonces)
