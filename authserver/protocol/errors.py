"""Errors as the specifications name them, with an audience each.

The client gets `error` and a fixed `description` (RFC 6749 §4.1.2.1, §5.2); the log gets `detail` (what was received
against what is registered), under the request id. Input never enters a description.
https://www.rfc-editor.org/rfc/rfc6749#section-5.2
"""

from collections.abc import Mapping
from types import MappingProxyType


class ProtocolError(Exception):
    """A refusal. `description` is constant ASCII text; `detail` is for the log alone; `status` is for JSON answers."""

    status = 400
    # What the JSON says beside the two.
    members: Mapping[str, str] = MappingProxyType({})

    def __init__(
        self,
        error: str,
        description: str,
        *,
        detail: str = "",
        status: int | None = None,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.detail = detail
        self.headers = headers
        if status is not None:
            self.status = status


class InsufficientAuthenticationError(ProtocolError):
    """What was granted was granted to somebody who had proven less than this needs: `acr_values` says what would do.

    RFC 9470 §3 has the code, for APIs. `invalid_grant` would tell a client to throw away what is good elsewhere.
    """

    def __init__(self, acr_values: str) -> None:
        super().__init__(
            "insufficient_user_authentication",
            "The person must reach a higher level of authentication: send them to sign in again with these acr_values.",
        )
        self.members = {"acr_values": acr_values}


class ShownError(ProtocolError):
    """Client or redirect URI did not hold: the person sees a page, the browser is sent nowhere (RFC 6749 §4.1.2.1)."""


class RedirectedError(ProtocolError):
    """Client and redirect URI hold: the client hears of it at its redirect URI (RFC 6749 §4.1.2.1)."""
