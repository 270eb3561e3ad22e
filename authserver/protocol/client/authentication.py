"""Which client authentication a request presents: exactly one, from body or header, never from the query.

RFC 6749 §2.3, §2.3.1 and Appendix B (Basic credentials are form-encoded first); RFC 7521 §4.2; OpenID Connect Core §9.
https://www.rfc-editor.org/rfc/rfc6749#section-2.3
"""

from base64 import b64decode
from binascii import Error as Base64Error
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from authserver.protocol.client import assertion
from authserver.protocol.client.client import AuthMethod
from authserver.protocol.errors import ProtocolError
from authserver.protocol.parameters import Parameters

METHODS: tuple[AuthMethod, ...] = (
    *("none", "client_secret_basic", "client_secret_post", "private_key_jwt"),
    *("tls_client_auth", "self_signed_tls_client_auth"),
)
# RFC 6749 §5.2: 401, and for a client that tried the Authorization header the matching challenge.
CHALLENGE = ("WWW-Authenticate", 'Basic realm="authserver", charset="UTF-8"')
TWO_METHODS = "Use one client authentication method, not two."
REFUSED = (
    "Client authentication failed: check client_id, secret, key, or certificate, "
    "and token_endpoint_auth_method where one is registered."
)


@dataclass(frozen=True, slots=True)
class Presented:
    """What was presented; `secret` is empty for all but the methods that have one, and so is `assertion`.

    A certificate comes beside the request, which then presents `none` (RFC 8705 §2).
    """

    method: AuthMethod
    client_id: str
    secret: str = field(default="", repr=False)
    assertion: str = field(default="", repr=False)


def invalid_client(detail: str, by_header: bool, description: str = REFUSED) -> ProtocolError:
    """The one answer to every failed authentication: an unknown client and a wrong secret look alike.

    The challenge answers those who used the header; it would make a browser ask its person for a password. Another
    `description` is for who has proven to hold the client's key.
    """
    headers = (CHALLENGE,) if by_header else ()
    return ProtocolError("invalid_client", description, detail=detail, status=401, headers=headers)


def presented_credentials(authorization: str | None, parameters: Parameters) -> Presented:
    """Read the one authentication a request carries. Raises `invalid_client` or `invalid_request`."""
    client_id, secret = parameters.get("client_id"), parameters.get("client_secret")
    if parameters.get("client_assertion") or parameters.get("client_assertion_type"):
        if authorization is not None or secret is not None:
            raise ProtocolError("invalid_request", TWO_METHODS)
        return _assertion(parameters, client_id)
    if authorization is None:
        if client_id is None:
            raise invalid_client("no client_id in the body and no Authorization header", by_header=False)
        if secret is None:
            return Presented("none", client_id)
        return Presented("client_secret_post", client_id, secret)
    if secret is not None:
        raise ProtocolError("invalid_request", TWO_METHODS)
    presented = _basic(authorization)
    if client_id is not None and client_id != presented.client_id:
        raise ProtocolError("invalid_request", "client_id in the body and in the Authorization header differ.")
    return presented


def claimed_client_id(authorization: str | None, parameters: Parameters | None) -> str | None:
    """Who a request says it is from, for the log: nothing vouches for it."""
    in_body = parameters.get("client_id") if parameters is not None else None
    if in_body is not None:
        return in_body
    asserted = parameters.get("client_assertion") if parameters is not None else None
    if asserted is not None:
        return assertion.claimed_client_id(asserted)
    try:
        return _basic(authorization).client_id if authorization is not None else None
    except ProtocolError:
        return None


def _assertion(parameters: Parameters, client_id: str | None) -> Presented:
    asserted = parameters.get("client_assertion")
    if asserted is None or parameters.get("client_assertion_type") != assertion.TYPE:
        raise invalid_client("an assertion without its type, or of another than jwt-bearer", by_header=False)
    claimed = client_id or assertion.claimed_client_id(asserted)
    if claimed is None:
        raise invalid_client("an assertion that names no client", by_header=False)
    return Presented("private_key_jwt", claimed, assertion=asserted)


def _basic(authorization: str) -> Presented:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        raise invalid_client("the Authorization header is not Basic", by_header=True)
    try:
        client_id, _, secret = b64decode(encoded.strip(), validate=True).partition(b":")
        presented = Presented("client_secret_basic", _unquote(client_id), _unquote(secret))
    except (Base64Error, ValueError):
        raise invalid_client("the Basic credentials are not base64 of form-encoded UTF-8", by_header=True) from None
    if not presented.client_id or not presented.secret:
        raise invalid_client("the Basic credentials have an empty client_id or secret", by_header=True)
    return presented


def _unquote(raw: bytes) -> str:
    return unquote_to_bytes(raw.replace(b"+", b" ")).decode()
