"""A registry as bytes, for another process of this server; taken in piece by piece, so that requests get their turns.

Pickles, which nobody but the processes that this server has forked can write or read.
"""

import pickle
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import islice
from types import MappingProxyType
from typing import Any

from authserver.clients.file.faults import FileFault
from authserver.history.record import Arrival
from authserver.protocol.client.client import Client
from authserver.protocol.client.registry import Registry

# Clients are unpacked so many at a time, in about a millisecond, and then the thread rests for so many seconds.
PIECE = 50
REST = 0.002


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
    registry, stream = verdict.registry, BytesIO()
    _dump(replace(verdict, registry=replace(registry, clients=MappingProxyType({}))), stream)
    clients = iter(registry.clients.values())
    while piece := list(islice(clients, PIECE)):
        _dump(piece, stream)
    return stream.getvalue()


def unpack(packed: bytes, known: Mapping[str, Client] = MappingProxyType({}), rest: float = REST) -> Verdict:
    """The verdict that was packed. Clients that have not changed stay the `known` objects, which workers share."""
    stream = BytesIO(packed)
    verdict: Verdict = pickle.load(stream)  # noqa: S301 - our own processes wrote it
    clients = {client.client_id: client for client in _kept(_pieces(stream, len(packed), rest), known)}
    return replace(verdict, registry=replace(verdict.registry, clients=MappingProxyType(clients)))


def _dump(value: object, stream: BytesIO) -> None:
    _Pickler(stream, pickle.HIGHEST_PROTOCOL).dump(value)


def _pieces(stream: BytesIO, size: int, rest: float) -> Iterator[Client]:
    while stream.tell() < size:
        yield from pickle.load(stream)  # noqa: S301 - our own processes wrote it
        time.sleep(rest)


def _kept(clients: Iterable[Client], known: Mapping[str, Client]) -> Iterator[Client]:
    for client in clients:
        before = known.get(client.client_id)
        yield before if before is not None and before == client else client
