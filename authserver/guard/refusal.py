"""The answer to a request that is refused, the same under every framework.

RFC 6750 §3: https://www.rfc-editor.org/rfc/rfc6750#section-3
"""

import json
from typing import NamedTuple

from authserver.guard.checks.bearer import challenge
from authserver.guard.errors import (
    GuardError,
    InsufficientScopeError,
    InsufficientUserAuthenticationError,
    UnavailableError,
)


class Refusal(NamedTuple):
    """An HTTP answer; its body is JSON."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def refusal(error: GuardError, realm: str, resource_metadata: str | None = None) -> Refusal:
    """The answer to a refused request; `realm` is the audience of the resource server.

    `resource_metadata` is where its metadata are (RFC 9728 §5.1).
    """
    content: dict[str, object] = {
        "error": error.error or ("temporarily_unavailable" if error.status == 503 else "missing_token"),
        "error_description": error.description,
    }
    if isinstance(error, InsufficientScopeError):
        content["missing_permissions"] = error.missing
    if isinstance(error, InsufficientUserAuthenticationError):
        content |= {"acr_values": error.acr_values} if error.acr_values else {}
        content |= {"max_age": error.max_age} if error.max_age is not None else {}
    body = json.dumps(content).encode()
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
    ]
    if isinstance(error, UnavailableError):
        headers.append(("Retry-After", str(error.retry_after)))
    else:
        headers.append(("WWW-Authenticate", challenge(error, realm, resource_metadata)))
    return Refusal(error.status, headers, body)
