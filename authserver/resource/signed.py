"""Answers that are signed, as the client or API that asks has it registered or asks for it.

OpenID Connect Core §5.3.2 (userinfo); RFC 9701 §5 (introspection). https://www.rfc-editor.org/rfc/rfc9701#section-5
"""

from collections.abc import Mapping

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from authserver.keys import NoSigningKey
from authserver.protocol.client.client import SigningAlg
from authserver.protocol.errors import ProtocolError
from authserver.server import NO_STORE, Reply, Request, Server

# The subtype is the JWT's own `typ` (RFC 9701 §5), so that it is never taken for another token.
INTROSPECTION_TYPE = "token-introspection+jwt"


def wants_jwt(request: Request) -> bool:
    """Whether an introspection request would rather have a JWT than JSON (RFC 9701 §4, RFC 9110 §12.5.1)."""
    accept = request.header("Accept") or ""
    if INTROSPECTION_TYPE not in accept.lower():
        return False
    wanted = f"application/{INTROSPECTION_TYPE}"
    return parse_accept_header(accept, MIMEAccept).best_match(["application/json", wanted]) == wanted


def signed_reply(server: Server, claims: Mapping[str, object], typ: str, media_type: str, alg: SigningAlg) -> Reply:
    """These claims as a JWT of this type. Raises `temporarily_unavailable` while the key for the algorithm is new."""
    now = server.now()
    try:
        token = server.keys.sign(claims, typ, now, alg)
    except NoSigningKey:
        retry = (("Retry-After", str(server.keys.wait(alg, now) or 1)),)
        said = "The key for the algorithm of this answer is new and signs shortly. Try again."
        raise ProtocolError("temporarily_unavailable", said, status=503, headers=retry) from None
    return Reply(200, token.encode(), (("Content-Type", media_type), *NO_STORE))
