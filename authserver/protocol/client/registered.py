"""Clients that registered themselves, as everything but their own room knows them (RFC 7591).

https://www.rfc-editor.org/rfc/rfc7591
"""

from typing import Protocol

from authserver.protocol.client.client import Client
from authserver.protocol.client.registry import Registry


class RegisteredSource(Protocol):
    """The clients that registered themselves."""

    def client(self, registry: Registry, client_id: str) -> Client | None:
        """The one with this id; None where an administrator disabled it."""

    def shown(self, registry: Registry, client_id: str | None) -> Client | None:
        """The client with this id, of the registry or registered, to tell of it: also one that is disabled."""

    def has_origin(self, origin: str) -> bool:
        """Whether a single-page application among them has this browser origin."""

    def changed(self, client_id: str) -> None:
        """Look it up anew, here and at the other workers."""

    def note_use(self, client: Client, now: int) -> None:
        """Keep it from being removed as unused."""

    def refresh(self) -> None:
        """Follow what others have changed."""
