"""The data of clients.yaml and the place of each of its keys and values."""

from dataclasses import dataclass, field
from typing import Any

from authserver.clients.file.faults import FileFault, Keys, where

Place = tuple[int, int]


@dataclass(slots=True)
class Source:
    """The data of a file, the places of its keys and values, and what is wrong with its YAML."""

    file: str
    data: Any = None
    faults: list[FileFault] = field(default_factory=list)
    # By the identity of each mapping and list, which `data` keeps alive: where each key and its value stand.
    places: dict[int, dict[str | int, tuple[Place, Place]]] = field(default_factory=dict)

    def place(self, keys: Keys, *, of_key: bool = False) -> Place:
        """Line and column, from 1, of a value or of its key; of what is around it where it is missing."""
        found: Place = (1, 1)
        node = self.data
        for depth, key in enumerate(keys, 1):
            pair = self.places.get(id(node), {}).get(key)
            if pair is None:
                return found
            found = pair[0] if of_key and depth == len(keys) else pair[1]
            node = node[key]
        return found

    def fault(self, keys: Keys, what: str, *, of_key: bool = False) -> FileFault:
        """A fault at a value or at its key."""
        return FileFault(self.file, *self.place(keys, of_key=of_key), where(keys), what)
