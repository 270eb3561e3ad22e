"""A bearer token in a request: in the Authorization header or in the form of a POST, once.

RFC 6750 §2.1, §2.2, §3; OAuth 2.1 §5.2 drops the query form. https://www.rfc-editor.org/rfc/rfc6750#section-2.1
"""

from authserver.protocol.errors import ProtocolError


class BearerError(ProtocolError):
    """A refused bearer token; the challenge carries the error (RFC 6750 §3)."""

    status = 401


def missing_token() -> BearerError:
    """RFC 6750 §3.1: a request that brought no token learns the scheme and no error code."""
    return BearerError(
        "invalid_token",
        "Send the access token as: Authorization: Bearer followed by the token",
        headers=challenge(None),
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


def challenge(error: str | None, scope: str | None = None) -> tuple[tuple[str, str], ...]:
    """The WWW-Authenticate header of an answer."""
    parts = ['realm="authserver"']
    if error is not None:
        parts.append(f'error="{error}"')
    if scope is not None:
        parts.append(f'scope="{scope}"')
    return (("WWW-Authenticate", "Bearer " + ", ".join(parts)),)


def bearer_token(authorization: str | None, in_body: str | None = None) -> str:
    """The token of an Authorization header, or the one that the body holds. Raises BearerError."""
    if in_body is not None:
        if authorization is not None:
            raise two_tokens()
        return in_body
    if authorization is None:
        raise missing_token()
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise missing_token()
    return token.strip()
