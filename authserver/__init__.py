"""authserver: a standalone OAuth 2.0 and OpenID Connect authorization server."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from authserver.application import create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> Any:
    # Lazily: a resource server imports authserver.guard without the server's dependencies.
    if name == "create_app":
        from authserver.application import create_app

        return create_app
    raise AttributeError(name)
