"""Clients that registered themselves, as everything but their own room knows them (RFC 7591).

https://www.rfc-editor.org/rfc/rfc7591
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from authserver.protocol.client.client import Client, ClientType
from authserver.protocol.client.registry import Registry


@dataclass(frozen=True, slots=True)
class Fit:
    """How the registration of a client fits clients.yaml.

    `fault` says why it is refused everywhere, None where it is not; `lost_scopes` are those that it registered for and
    that no file declares any more.
    """

    fault: str | None = None
    lost_scopes: tuple[str, ...] = ()


def type_of(metadata: Mapping[str, Any]) -> ClientType:
    """The type of a client, by what it said of itself."""
    if metadata["application_type"] == "native":
        return "native"
    return "spa" if metadata["token_endpoint_auth_method"] == "none" else "web"


class RegisteredSource(Protocol):
    """The clients that registered themselves."""

    def client(self, registry: Registry, client_id: str) -> Client | None:
        """The one with this id; None where an administrator disabled it."""

    def shown(self, registry: Registry, client_id: str | None) -> Client | None:
        """The client with this id, of the registry or registered, to tell of it: also one that is disabled."""

    def fit(self, registry: Registry, client_id: str, metadata: Mapping[str, Any], secret_digest: bytes | None) -> Fit:
        """How a registration fits a clients.yaml, the one in force or another."""

    def has_origin(self, origin: str) -> bool:
        """Whether a single-page application among them has this browser origin."""

    def changed(self, client_id: str) -> None:
        """Look it up anew, here and at the other workers."""

    def note_use(self, client: Client, now: int) -> None:
        """Keep it from being removed as unused."""

    def refresh(self) -> None:
        """Follow what others have changed."""
