"""Access tokens that can outgrow their budget: told when clients.yaml is checked, not when a request fails."""

from collections.abc import Iterator

from authserver.access.size import largest_access_token
from authserver.clients.entries.document import ClientsDocument
from authserver.clients.file.faults import FileFault, quoted
from authserver.clients.file.source import Source
from authserver.protocol.client.client import Client
from authserver.protocol.client.registry import Registry
from authserver.protocol.token.granted_claims import access_token_names

# What differs between two clients with the same roles and names of claims is shorter than this.
_SLACK = 1024


def oversized(
    document: ClientsDocument, registry: Registry, source: Source, issuer: str, most: int
) -> Iterator[FileFault]:
    """A warning for each client and API where a token can have more than `most` bytes."""
    sizes: dict[tuple[object, ...], int] = {}
    for index, entry in enumerate(document.clients):
        client = registry.clients[entry.client_id]
        for place, name in enumerate(client.apis):
            key = _kind(registry, client, name)
            if key not in sizes:
                sizes[key] = _size(registry, client, name, issuer)
            if sizes[key] + _SLACK <= most:
                continue
            size = _size(registry, client, name, issuer)
            if size > most:
                yield source.fault(
                    ("clients", index, "apis", name if isinstance(entry.apis, dict) else place),
                    f"an access token for {quoted(name)} can grow to {size} bytes, past {most} (access_token_size): "
                    "give it fewer roles and permissions, or leave claims out (claims: {access_token: …})",
                )


def _kind(registry: Registry, client: Client, api: str) -> tuple[object, ...]:
    roles = client.roles if client.type == "service" else None
    return api, roles, access_token_names(client, registry.apis[api]), client.api_limits.get(api)


def _size(registry: Registry, client: Client, api: str, issuer: str) -> int:
    return largest_access_token(registry, client, registry.apis[api], issuer, registry.groups)
