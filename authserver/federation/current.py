"""The provider that a page of this room is about, and what this process knows of it."""

from collections.abc import Mapping

from flask import abort, current_app

from authserver.federation.upstream.known import Upstream, Upstreams
from authserver.pages.current import current_server
from authserver.protocol.provider import Provider

EXTENSION = "authserver.federation"


def provider_of(name: str) -> Provider:
    """The provider with this name; for a name that is none the page does not exist."""
    provider = current_server().providers.get(name)
    if provider is None:
        abort(404)
    return provider


def upstream_of(provider: Provider) -> Upstream:
    """What this process knows of a provider."""
    upstreams: Upstreams = current_app.extensions[EXTENSION]
    return upstreams.of(provider)


def labels() -> Mapping[str, str]:
    """The names for people of all providers."""
    return {name: provider.label for name, provider in current_server().providers.items()}
