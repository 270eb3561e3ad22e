"""What a client may do for a person, in the sentences of clients.yaml."""

from collections.abc import Collection, Iterable

from authserver.protocol.client.client import Client
from authserver.protocol.client.registry import Registry
from authserver.protocol.token.api_scopes import open_permissions


def asked_sentences(registry: Registry, api_scopes: Collection[str]) -> list[tuple[str, list[str]]]:
    """For each API of which a scope is among these its name and these permissions, as sentences.

    Also what no role gives today: it would count once one does.
    """
    asked = [(api, api.permissions_among(api_scopes)) for api in registry.apis.values()]
    return [
        (api.name, [sentence for name, sentence in api.permissions.items() if name in names])
        for api, names in asked
        if names
    ]


def sentences(
    registry: Registry, client: Client, audiences: Iterable[str], roles: Collection[str]
) -> list[tuple[str, list[str]]]:
    """For each API among the audiences its name and what a client may have of what these roles give, as sentences."""
    given = []
    for audience in audiences:
        api = registry.audiences.get(audience)
        if api is not None:
            names = frozenset().union(*(registry.permissions[api.name].get(role, frozenset()) for role in roles))
            open_to_it = names.intersection(open_permissions(client, api))
            given.append((api.name, [sentence for name, sentence in api.permissions.items() if name in open_to_it]))
    return given
