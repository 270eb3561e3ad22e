"""A registry as bytes, for another process of this server.

Pickles, which nobody but the processes that this server has forked can write or read.
"""

import pickle
from collections.abc import Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from types import MappingProxyType
from typing import Any

from authserver.clients.file.faults import FileFault
from authserver.clients.served.first_use import ClientsAtFirstUse
from authserver.history.arrival import Arrival
from authserver.protocol.client.client import Client
from authserver.protocol.client.registry import Registry


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of reading clients.yaml: the registry that counts, why a newer file is refused, if one is,
    and the text that counts, with how it came.
    """

    registry: Registry
    faults: tuple[FileFault, ...] = ()
    arrival: Arrival | None = None


class _Pickler(pickle.Pickler):
    def reducer_override(self, value: object) -> Any:
        if isinstance(value, MappingProxyType):
            return _read_only, (dict(value),)
        return NotImplemented


def _read_only(items: dict[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(items)


def pack(verdict: Verdict) -> bytes:
    """The bytes of a verdict."""
    stream = BytesIO()
    _Pickler(stream, pickle.HIGHEST_PROTOCOL).dump(verdict)
    return stream.getvalue()


def unpack(packed: bytes, known: Mapping[str, Client] = MappingProxyType({})) -> Verdict:
    """The verdict that was packed. Clients that have not changed stay the `known` objects, which workers share."""
    verdict: Verdict = pickle.loads(packed)  # noqa: S301 - our own processes wrote it
    clients = verdict.registry.clients
    if not isinstance(clients, ClientsAtFirstUse) or not isinstance(known, ClientsAtFirstUse):
        return verdict
    return replace(verdict, registry=replace(verdict.registry, clients=clients.after(known)))
