"""One API, which the specifications call a resource server (RFC 8707 §2; https://www.rfc-editor.org/rfc/rfc8707)."""

from collections.abc import Mapping
from dataclasses import dataclass

from authserver.protocol.client.secret import Secret


@dataclass(frozen=True, slots=True)
class Api:
    """A resource server: the audience of its tokens and the permissions it knows (RFC 8707 §2).

    With `secrets` it may ask the introspection endpoint, as the client named `name`, for its own tokens and for those
    of the APIs that it `introspects`.
    """

    name: str
    audience: str
    permissions: Mapping[str, str]
    access_token_lifetime: int | None = None
    roles_claim: str = "roles"
    permissions_claim: str = "permissions"
    secrets: tuple[Secret, ...] = ()
    introspects: tuple[str, ...] = ()
