"""An access token in a request: in the Authorization header or in the form of a POST, once.

RFC 6750 §2.1, §2.2, §3; OAuth 2.1 §5.2 drops the query form; RFC 9449 §7.1 (the scheme DPoP); RFC 8705 §3.
https://www.rfc-editor.org/rfc/rfc6750#section-2.1
"""

from typing import Literal, NamedTuple

from authserver.protocol.errors import ProtocolError
from authserver.protocol.token.dpop import ALGORITHMS, DpopError

TokenScheme = Literal["Bearer", "DPoP"]
# RFC 9110 §11.1: without regard to case.
_SCHEMES: dict[str, TokenScheme] = {"bearer": "Bearer", "dpop": "DPoP"}
_ALGS = f'algs="{" ".join(ALGORITHMS)}"'


class PresentedToken(NamedTuple):
    """An access token, and the scheme in which it was sent."""

    token: str
    scheme: TokenScheme


class BearerError(ProtocolError):
    """A refused access token; the challenge carries the error (RFC 6750 §3)."""

    status = 401


def missing_token() -> BearerError:
    """RFC 6750 §3.1, RFC 9449 §7.2: a request that brought no token learns the schemes and no error code."""
    return BearerError(
        "invalid_token",
        "Send the access token as: Authorization: Bearer followed by the token",
        headers=(*challenge(None), ("WWW-Authenticate", f"DPoP {_ALGS}")),
    )


def invalid_token(detail: str) -> BearerError:
    return BearerError(
        "invalid_token",
        "The access token has expired, was revoked, or is not from this server.",
        detail=detail,
        headers=challenge("invalid_token"),
    )


def another_audience(detail: str) -> BearerError:
    """RFC 9068 §4: a token must name who it is shown to."""
    return BearerError(
        "invalid_token",
        "The access token is for another resource. Ask for one without resource, or with the issuer as resource.",
        detail=detail,
        headers=challenge("invalid_token"),
    )


def two_tokens() -> BearerError:
    """RFC 6750 §2, §3.1: whoever looked at the other token would see another request."""
    return BearerError(
        "invalid_request",
        "Send the access token once: in the Authorization header or in the body, and never in the query.",
        status=400,
        headers=challenge("invalid_request"),
    )


def insufficient_scope(scope: str) -> BearerError:
    return BearerError(
        "insufficient_scope",
        "The access token lacks a required scope.",
        status=403,
        headers=challenge("insufficient_scope", scope),
        detail=f"needs {scope}",
    )


def another_scheme() -> BearerError:
    """RFC 9449 §7.2: a bound token must not be taken without its proof, nor another as if it were bound."""
    return BearerError(
        "invalid_token",
        "Send the access token in the scheme of its token_type: DPoP with a proof, or Bearer.",
        headers=challenge("invalid_token", scheme="DPoP"),
    )


def another_certificate(detail: str) -> BearerError:
    """RFC 8705 §3: a token that is bound to a certificate is worth nothing over a connection without it."""
    return BearerError(
        "invalid_token",
        "The access token is bound to a TLS certificate: connect with that certificate.",
        detail=detail,
        headers=challenge("invalid_token"),
    )


def refused_proof(refused: DpopError) -> BearerError:
    """RFC 9449 §7.1: at a resource a proof is refused as its token would be."""
    error, description = refused.error, refused.description
    return BearerError(error, description, detail=refused.detail, headers=challenge(error, scheme="DPoP"))


def in_its_scheme(error: ProtocolError, authorization: str | None) -> ProtocolError:
    """The refusal with the challenge of the scheme in which the token was sent."""
    is_dpop = authorization is not None and authorization[:5].lower() == "dpop "
    if is_dpop and isinstance(error, BearerError) and error.headers[0][1].startswith("Bearer "):
        error.headers = (("WWW-Authenticate", f"DPoP {error.headers[0][1].removeprefix('Bearer ')}, {_ALGS}"),)
    return error


def challenge(
    error: str | None, scope: str | None = None, scheme: TokenScheme = "Bearer"
) -> tuple[tuple[str, str], ...]:
    """The WWW-Authenticate header of an answer."""
    parts = ['realm="authserver"']
    if error is not None:
        parts.append(f'error="{error}"')
    if scope is not None:
        parts.append(f'scope="{scope}"')
    if scheme == "DPoP":
        parts.append(_ALGS)
    return (("WWW-Authenticate", f"{scheme} " + ", ".join(parts)),)


def presented_token(authorization: str | None, in_body: str | None = None) -> PresentedToken:
    """The token of an Authorization header, or the one that the body holds. Raises BearerError."""
    if in_body is not None:
        if authorization is not None:
            raise two_tokens()
        return PresentedToken(in_body, "Bearer")
    if authorization is None:
        raise missing_token()
    scheme, _, token = authorization.partition(" ")
    known = _SCHEMES.get(scheme.lower())
    if known is None or not token.strip():
        raise missing_token()
    return PresentedToken(token.strip(), known)
