"""What one clients.yaml says, small enough to hand on: its digest, its text, and its data."""

import zlib
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import orjson

# Of YAML the fastest level leaves a fifth; a server does this with each new file.
_FASTEST = 1


@dataclass(frozen=True, slots=True)
class FileText:
    """`digest` is the SHA-256 of the text; `packed` holds the text and the data that were read of it."""

    digest: bytes
    packed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Said:
    """The text as it stood in the file, byte for byte, and its data, with times as text."""

    text: bytes
    data: dict[str, Any]


def text_of(content: bytes, data: object) -> FileText:
    """The text of a sound file, which is UTF-8, and the data that were read of it."""
    both = {"text": content.decode(), "data": data}
    return FileText(sha256(content).digest(), zlib.compress(orjson.dumps(both), _FASTEST))


def said(packed: bytes) -> Said:
    """What was packed."""
    both = orjson.loads(zlib.decompress(packed))
    return Said(both["text"].encode(), both["data"])
