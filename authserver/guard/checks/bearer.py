"""The access token in the Authorization header, and the challenge that answers.

RFC 6750 §2.1 and §3, RFC 9449 §7.1: https://www.rfc-editor.org/rfc/rfc6750
"""

import re

from authserver.guard.errors import (
    GuardError,
    InsufficientScopeError,
    InsufficientUserAuthenticationError,
    InvalidRequestError,
    MissingTokenError,
)

# RFC 6750 §2.1: b64token.
_B64TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]+=*")
# RFC 9110 §11.1: without regard to case.
_SCHEMES = {"bearer": "Bearer", "dpop": "DPoP"}
PROOF_ALGORITHMS = ("ES256", "Ed25519", "EdDSA", "PS256", "RS256")
_QUOTED = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]*")


def bearer_token(authorization: list[str]) -> str:
    """The bearer token in the values of the Authorization header.

    Raises MissingTokenError if none was sent, InvalidRequestError if the header is malformed.
    """
    scheme, token = presented_token(authorization)
    if scheme != "Bearer":
        raise MissingTokenError("Send an access token in the header: Authorization: Bearer <token>.")
    return token


def presented_token(authorization: list[str]) -> tuple[str, str]:
    """Scheme and token in the values of the Authorization header; nowhere else is a token looked for.

    Raises MissingTokenError if no token was sent, InvalidRequestError if the header is malformed.
    """
    if not authorization:
        raise MissingTokenError("Send an access token in the header: Authorization: Bearer <token>.")
    if len(authorization) > 1:
        raise InvalidRequestError("Send one Authorization header, not several.")
    scheme, _, token = authorization[0].strip(" ").partition(" ")
    known = _SCHEMES.get(scheme.lower())
    if known is None:
        raise MissingTokenError("Send an access token in the header: Authorization: Bearer <token>.")
    token = token.strip(" ")
    if not _B64TOKEN.fullmatch(token):
        raise InvalidRequestError("Write the header as: Authorization: Bearer <token>, with one token only.")
    return known, token


def challenge(error: GuardError, realm: str, resource_metadata: str | None = None) -> str:
    """The value of `WWW-Authenticate` for a refusal (RFC 6750 §3, RFC 9449 §7, RFC 9470 §3).

    `resource_metadata` is where the metadata of the resource server are (RFC 9728 §5.1).
    """
    parameters = [("realm", realm)]
    if error.error is not None:
        parameters += [("error", error.error), ("error_description", error.description)]
    if isinstance(error, InsufficientScopeError):
        # Everything that the operation needs, so that one more token does.
        parameters.append(("scope", " ".join(error.needed)))
    if isinstance(error, InsufficientUserAuthenticationError):
        if error.acr_values:
            parameters.append(("acr_values", " ".join(error.acr_values)))
        if error.max_age is not None:
            parameters.append(("max_age", str(error.max_age)))
    if resource_metadata is not None:
        parameters.append(("resource_metadata", resource_metadata))
    if error.scheme == "DPoP":
        parameters.append(("algs", " ".join(PROOF_ALGORITHMS)))
    said = f"{error.scheme} " + ", ".join(f'{name}="{value}"' for name, value in parameters)
    # RFC 9449 §7.2: who sent no token learns of both schemes.
    also = f', DPoP algs="{" ".join(PROOF_ALGORITHMS)}"' if isinstance(error, MissingTokenError) else ""
    return said + also


def is_quotable(text: str) -> bool:
    """Whether a text may stand between quotes in a challenge (RFC 6750 §3: no `"`, no backslash, ASCII)."""
    return _QUOTED.fullmatch(text) is not None
