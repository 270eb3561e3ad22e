"""Read clients.yaml as plain data that knows its positions.

YAML is read event by event: no recursion, no object construction, and nothing that readers of YAML see differently
(aliases, tags, merge keys, repeated keys).
"""

import re
from dataclasses import dataclass
from typing import Any, NoReturn

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from authserver.clients.file.faults import ClientsFileError, FileFault, Keys, where
from authserver.clients.file.scalars import BROKEN, kind_of, resolve
from authserver.clients.file.source import Place, Source

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 12
MAX_SCALAR = 8192
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# What is allowed of ASCII: with nothing else in it, a file needs no search for what is not.
_PLAIN = bytes((*b"\t\n\r", *range(0x20, 0x7F)))
_NOT_PRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(slots=True)
class _Frame:
    """A mapping or a list that is being read, and the key whose value comes next."""

    keys: Keys
    container: dict[str, Any] | list[Any]
    places: dict[str | int, tuple[Place, Place]]
    key: str | None = None
    key_place: Place = (1, 1)
    skips_value: bool = False

    def put(self, value: object, place: Place) -> None:
        """Take the next element of a list, or the value of the key."""
        if isinstance(self.container, list):
            self.places[len(self.container)] = (place, place)
            self.container.append(value)
        elif self.key is None:
            self.skips_value = False
        else:
            self.places[self.key] = (self.key_place, place)
            self.container[self.key] = value
            self.key = None

    @property
    def keys_of_next(self) -> Keys:
        if isinstance(self.container, list):
            return (*self.keys, len(self.container))
        return self.keys if self.key is None else (*self.keys, self.key)

    @property
    def awaits_key(self) -> bool:
        return isinstance(self.container, dict) and self.key is None and not self.skips_value


def read(content: bytes, file: str) -> Source:
    """Read the bytes of one YAML document. Raises `ClientsFileError` where nothing can be made of them."""
    reader = _Reader(Source(file))
    reader.read(content)
    return reader.source


def as_text(content: bytes, file: str) -> str:
    """The text of these bytes, which holds nothing but what a text file may. Raises `ClientsFileError`."""
    if len(content) > MAX_BYTES:
        raise _refused(file, (1, 1), f"the file is larger than {MAX_BYTES // 1024 // 1024} MiB")
    if not content.translate(None, _PLAIN):
        return content.decode("ascii")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", "replace")
        raise _refused(file, _place_after(before), "not UTF-8") from None
    unprintable = _NOT_PRINTABLE.search(text)
    if unprintable:
        place = _place_after(text[: unprintable.start()])
        raise _refused(file, place, f"the character U+{ord(unprintable[0]):04X} is not allowed in a text file")
    return text


def _refused(file: str, place: Place, what: str) -> ClientsFileError:
    return ClientsFileError([FileFault(file, *place, "", what)])


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self._stack: list[_Frame] = []
        self._documents = 0

    def read(self, content: bytes) -> None:
        loader = LOADER(as_text(content, self.source.file))
        try:
            for event in iter(loader.get_event, None):
                if type(event) is ScalarEvent:
                    self._take_scalar(event)
                elif isinstance(event, CollectionEndEvent):
                    self._stack.pop()
                else:
                    self._take(event)
        except yaml.MarkedYAMLError as error:
            what = ", ".join(filter(None, (error.problem, error.context)))
            self._refuse(_place(error.problem_mark), f"not YAML: {what}")
        except yaml.YAMLError:
            self._refuse((1, 1), "not YAML")
        finally:
            loader.dispose()
        if self._documents == 0 or self.source.data is None:
            self._refuse((1, 1), "the file is empty")

    def _refuse(self, place: Place, what: str) -> NoReturn:
        raise ClientsFileError([*self.source.faults, FileFault(self.source.file, *place, "", what)]) from None

    def _take(self, event: Event) -> None:
        place = _place(event.start_mark)
        if isinstance(event, NodeEvent) and (event.anchor or getattr(event, "tag", None)):
            self._report_decoration(event, place)
        if isinstance(event, (MappingStartEvent, SequenceStartEvent)):
            self._open({} if isinstance(event, MappingStartEvent) else [], place)
        elif isinstance(event, AliasEvent):
            self._put(BROKEN, place)
        elif isinstance(event, DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._refuse(place, "a second document (---): a file holds only one")

    def _take_scalar(self, event: ScalarEvent) -> None:
        # Nearly all that a file consists of: written out, since each call here is made for every key and value.
        mark, text = event.start_mark, event.value
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        if event.anchor or event.tag:
            self._report_decoration(event, place)
        frame = self._stack[-1] if self._stack else None
        if frame is None or len(text) > MAX_SCALAR or text == "<<":
            self._put(self._scalar(event, place), place)
            return
        value = resolve(text) if event.implicit[0] and not event.style else text
        if frame.key is not None or type(frame.container) is list or frame.skips_value:
            frame.put(value, place)
        elif type(value) is str and value not in frame.places:
            frame.key, frame.key_place = value, place
        else:
            self._put_key(frame, value, place)

    def _scalar(self, event: ScalarEvent, place: Place) -> object:
        if len(event.value) > MAX_SCALAR:
            self._report(place, f"longer than {MAX_SCALAR} characters")
            return BROKEN
        is_plain = event.implicit[0] and not event.style
        if is_plain and event.value == "<<" and self._stack and self._stack[-1].awaits_key:
            self._report(place, "merge keys (<<) are not supported: write the fields out")
            return BROKEN
        return resolve(event.value) if is_plain else event.value

    def _open(self, container: dict[str, Any] | list[Any], place: Place) -> None:
        if len(self._stack) >= MAX_DEPTH:
            self._refuse(place, f"nested more than {MAX_DEPTH} deep")
        keys = self._keys()
        self._put(container, place)
        places = self.source.places[id(container)] = {}
        self._stack.append(_Frame(keys, container, places))

    def _put(self, value: object, place: Place) -> None:
        if not self._stack:
            self.source.data = value
            return
        frame = self._stack[-1]
        if frame.awaits_key:
            self._put_key(frame, value, place)
        else:
            frame.put(value, place)

    def _put_key(self, frame: _Frame, value: object, place: Place) -> None:
        if isinstance(value, str) and value not in frame.places:
            frame.key, frame.key_place = value, place
            return
        frame.skips_value = True
        if isinstance(value, str):
            frame.key = value
            self._report(place, f"this key is already on line {frame.places[value][0][0]}")
            frame.key = None
        elif value is not BROKEN:
            self._report(place, f"a key must be text, but YAML reads {kind_of(value)} here: put it in quotes")

    def _report_decoration(self, event: NodeEvent, place: Place) -> None:
        if isinstance(event, AliasEvent):
            self._report(place, "aliases (*) are not supported: write the value out")
        elif event.anchor:
            self._report(place, "anchors (&) are not supported: remove it")
        else:
            self._report(place, "tags (!) are not supported: remove it")

    def _report(self, place: Place, what: str) -> None:
        self.source.faults.append(FileFault(self.source.file, *place, where(self._keys()), what))

    def _keys(self) -> Keys:
        return self._stack[-1].keys_of_next if self._stack else ()


def _place(mark: Any) -> Place:
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _place_after(text: str) -> Place:
    return text.count("\n") + 1, len(text) - text.rfind("\n")
