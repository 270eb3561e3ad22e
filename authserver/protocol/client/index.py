"""What is asked of all clients at once, worked out when clients.yaml is read: to answer, none of them need be made."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from authserver.protocol.client.client import Client

# What an index wants to know of a client: its id, whether it is a service, its APIs, the roles that it allows (None is
# everybody), whether it looks for the names of roles, and its sector. A tuple alone, for thousands are made at a start.
Traits = tuple[str, bool, Iterable[str], Iterable[str] | None, bool, str | None]


def traits(client: Client) -> Traits:
    """Those of a client that is made."""
    is_service, reads_roles = client.type == "service", client.claims.read_roles
    return client.client_id, is_service, client.apis, client.allowed_roles, reads_roles, client.sector


@dataclass(frozen=True, slots=True)
class ClientIndex:
    """The ids of clients in the order of clients.yaml.

    `calling[api]` may call it, `allowing[role]` let in whoever has it, `open_to_all` let everybody in. `sectors` are
    those of clients with pairwise subs, each once. `read_roles`: one at least looks for the names of roles.
    """

    calling: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    allowing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    open_to_all: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    read_roles: bool = False

    def letting_in(self, roles: Iterable[str]) -> frozenset[str]:
        """The clients that name one of these roles among those that they let in."""
        return frozenset[str]().union(*(self.allowing.get(role, ()) for role in roles))


NO_CLIENTS = ClientIndex()


def index_of(clients: Iterable[Traits]) -> ClientIndex:
    """The index of these clients."""
    calling, allowing = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    open_to_all, sectors, read_roles = list[str](), set[str](), False
    for client_id, is_service, apis, allowed_roles, reads_roles, sector in clients:
        for api in apis:
            calling[api].append(client_id)
        for role in allowed_roles or ():
            allowing[role].append(client_id)
        if allowed_roles is None and not is_service:
            open_to_all.append(client_id)
        if sector is not None:
            sectors.add(sector)
        read_roles = read_roles or reads_roles
    return ClientIndex(_fixed(calling), _fixed(allowing), tuple(open_to_all), tuple(sorted(sectors)), read_roles)


def _fixed(found: Mapping[str, list[str]]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({name: tuple(listed) for name, listed in found.items()})
