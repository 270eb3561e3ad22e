"""The provider that a page of this room is about, what this process knows of it, and the picture on its button."""

from collections.abc import Mapping

from flask import Response, abort, current_app

from authserver.federation.metadata import UpstreamProvider, Upstreams
from authserver.pages.current import current_server
from authserver.protocol.provider import Provider

EXTENSION = "authserver.federation"


def provider_of(name: str) -> Provider:
    """The provider with this name; for a name that is none the page does not exist."""
    provider = current_server().providers.get(name)
    if provider is None:
        abort(404)
    return provider


def upstream_of(provider: Provider) -> UpstreamProvider:
    """What this process knows of a provider."""
    upstreams: Upstreams = current_app.extensions[EXTENSION]
    return upstreams.of(provider)


def labels() -> Mapping[str, str]:
    """The names for people of all providers."""
    return {name: provider.label for name, provider in current_server().providers.items()}


def logo(name: str) -> Response:
    """`/federation/<provider>/logo`: the administrator's file, from this site as everything on its pages.

    It may be SVG: the policy of every answer lets no script of it run.
    """
    found = provider_of(name).logo
    if found is None:
        abort(404)
    return Response(found.content, content_type=found.content_type)
