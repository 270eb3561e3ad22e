"""The answer about a registered client, and who may ask for it.

RFC 7591 §3.2.1; RFC 7592 §3. https://www.rfc-editor.org/rfc/rfc7592#section-3
"""

from collections.abc import Mapping
from typing import Any

import orjson

from authserver.protocol.errors import ProtocolError
from authserver.server import Reply, Request, Server, json_reply


def body_of(request: Request) -> dict[str, Any]:
    """The JSON object of a body. Raises `invalid_client_metadata`."""
    if request.media_type != "application/json":
        raise ProtocolError("invalid_client_metadata", "Send the metadata in the body, as application/json.")
    try:
        body = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise ProtocolError("invalid_client_metadata", "The body is not JSON.", detail=str(error)) from None
    if not isinstance(body, dict):
        raise ProtocolError("invalid_client_metadata", "The body is no JSON object.")
    # PostgreSQL cannot keep NUL, and no field has a use for it.
    if b"\\u0000" in request.body or b"\x00" in request.body:
        raise ProtocolError("invalid_client_metadata", "The metadata hold the character NUL.")
    return body


def described(
    server: Server,
    client_id: str,
    metadata: Mapping[str, Any],
    token: str,
    *,
    created_at: int,
    secret: str | None = None,
    status: int = 200,
) -> Reply:
    """What is registered; a secret is told when it is made, and never again."""
    answer = {
        **metadata,
        "client_id": client_id,
        "client_id_issued_at": created_at,
        "registration_access_token": token,
        "registration_client_uri": f"{server.settings.issuer}/register/{client_id}",
    }
    if secret is not None:
        answer |= {"client_secret": secret, "client_secret_expires_at": 0}
    return json_reply(answer, status)
