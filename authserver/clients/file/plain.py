"""The data of clients.yaml alone, without places: enough for a server, whose file is nearly always sound.

What is read is read as `reader` does. Whatever that would report or refuse makes this give up, so that nothing but the
time it takes depends on it.
"""

from pathlib import Path
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
)

from authserver.clients.file.faults import ClientsFileError
from authserver.clients.file.on_disk import content_of
from authserver.clients.file.reader import LOADER, MAX_DEPTH, MAX_SCALAR, as_text
from authserver.clients.file.scalars import resolve

# The bytes of a file, and the data alone; None where the reader would have something to report.
Plain = tuple[bytes, Any]


class _UnusualError(Exception):
    """Something that is left to the reader."""


def read_plain(path: Path) -> Plain:
    """Read a file. Raises `ClientsFileError` where it has no bytes to be read."""
    content = content_of(path)
    return content, plain_data(content)


def plain_data(content: bytes) -> Any:
    """What the reader would make of these bytes; None where it would have something to report."""
    try:
        loader = LOADER(as_text(content, ""))
    except ClientsFileError:
        return None
    try:
        return _data(loader)
    except (_UnusualError, yaml.YAMLError):
        return None
    finally:
        loader.dispose()


def _data(loader: Any) -> Any:
    top: list[Any] = []
    # What is being read, and what is around that, from the outside in; of a mapping the key whose value comes next.
    container: Any = top
    around: list[Any] = []
    key: str | None = None
    documents = 0
    # The same few words stand there again and again: keys, most of all. Each is made out, and kept, once.
    words: dict[str, Any] = {}
    for event in iter(loader.get_event, None):
        if type(event) is ScalarEvent:
            value = _scalar(event, words)
            if key is not None:
                container[key], key = value, None
            elif type(container) is list:
                container.append(value)
            elif type(value) is str and value not in container:
                key = value
            else:
                raise _UnusualError
        elif isinstance(event, CollectionStartEvent):
            inner = _opened(event, len(around))
            if key is not None:
                container[key], key = inner, None
            elif type(container) is list:
                container.append(inner)
            else:
                raise _UnusualError
            around.append(container)
            container = inner
        elif isinstance(event, CollectionEndEvent):
            container = around.pop()
        else:
            documents += _begins(event)
    return top[0] if documents == 1 and len(top) == 1 else None


def _scalar(event: ScalarEvent, words: dict[str, Any]) -> Any:
    text = event.value
    if event.anchor or event.tag or len(text) > MAX_SCALAR or text == "<<":
        raise _UnusualError
    if event.style or not event.implicit[0]:
        return text
    if text not in words:
        words[text] = resolve(text)
    return words[text]


def _opened(event: CollectionStartEvent, depth: int) -> dict[str, Any] | list[Any]:
    if event.anchor or event.tag or depth >= MAX_DEPTH:
        raise _UnusualError
    return {} if isinstance(event, MappingStartEvent) else []


def _begins(event: Event) -> bool:
    """Whether a document begins here; else it or the stream ends, or the stream begins."""
    if isinstance(event, AliasEvent):
        raise _UnusualError
    return isinstance(event, DocumentStartEvent)
