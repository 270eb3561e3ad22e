"""The lines on which the values of a sound clients.yaml stand, small enough to be kept: a few hundred bytes a client.

What a reader knows of thousands of clients, data and places, would take 70 MB in each worker that was once asked.
"""

from array import array
from itertools import accumulate
from typing import Any

import orjson

from authserver.clients.file.faults import Keys
from authserver.clients.file.source import Source

CLIENTS = "clients"


class Lines:
    """Each part of the file, and each client, as bytes: the line of its value, and likewise all that is in it."""

    __slots__ = ("_clients", "_ends", "_indexes", "_parts")

    def __init__(self, source: Source) -> None:
        data = source.data if isinstance(source.data, dict) else {}
        listed = data.get(CLIENTS)
        clients: list[Any] = listed if isinstance(listed, list) else []
        self._parts = {
            key: orjson.dumps([line, None if node is clients else _inside(source, node)])
            for key, line, node in _of(source, data)
        }
        entries = [orjson.dumps([line, _inside(source, node)]) for _, line, node in _of(source, clients)]
        # In one piece: among what the reader made, small ones would keep its memory from being given back.
        self._clients, self._ends = b"".join(entries), array("L", accumulate(map(len, entries), initial=0))
        ids = (entry.get("client_id") if isinstance(entry, dict) else None for entry in clients)
        self._indexes = orjson.dumps({each: index for index, each in enumerate(ids) if isinstance(each, str)})

    def line(self, way: Keys) -> int:
        """The line, from 1, of a value; of what is around it where it is missing."""
        part = self._parts.get(str(way[0])) if way else None
        if part is None:
            return 1
        found, rest = part, way[1:]
        if way[0] == CLIENTS and rest and isinstance(rest[0], int) and rest[0] < len(self._ends) - 1:
            found, rest = self._clients[self._ends[rest[0]] : self._ends[rest[0] + 1]], rest[1:]
        line, node = orjson.loads(found)
        for key in rest:
            if node is None or str(key) not in node:
                break
            line, node = node[str(key)]
        return int(line)

    def index(self, client_id: str) -> int | None:
        """The place of a client in the list; None where it is not in the file."""
        index: int | None = orjson.loads(self._indexes).get(client_id)
        return index


def _of(source: Source, node: Any) -> list[tuple[str, int, Any]]:
    """Each key of a mapping, or index of a list, with the line of its value, and that."""
    return [(str(key), value[0], node[key]) for key, (_, value) in source.places.get(id(node), {}).items()]


def _inside(source: Source, node: Any) -> dict[str, Any] | None:
    if not isinstance(node, (dict, list)):
        return None
    return {key: [line, _inside(source, value)] for key, line, value in _of(source, node)}
