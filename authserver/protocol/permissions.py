"""What a client may do for a person, in the sentences of clients.yaml."""

from collections.abc import Collection, Iterable

from authserver.protocol.client.registry import Registry


def sentences(registry: Registry, audiences: Iterable[str], roles: Collection[str]) -> list[tuple[str, list[str]]]:
    """For each API among the audiences its name and what these roles give of it, as sentences."""
    given = []
    for audience in audiences:
        api = registry.audiences.get(audience)
        if api is not None:
            names = frozenset().union(*(registry.permissions[api.name].get(role, frozenset()) for role in roles))
            given.append((api.name, [sentence for name, sentence in api.permissions.items() if name in names]))
    return given
