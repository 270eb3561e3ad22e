"""The lines that are kept of a clients.yaml are those that reading it gives."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from authserver.clients.file.faults import Keys
from authserver.clients.file.lines import Lines
from authserver.clients.file.reader import read
from tests.clients.files import SOUND, with_client
from tests.flows.registry import CLIENTS_YAML

EXAMPLE = (Path(__file__).parents[1] / "example.yaml").read_text()
NESTED = with_client("type: web, claims: {id_token: {roles: groups,\n permissions: may}}, apis: {reports: [a,\n b]}")


def ways(node: Any, so_far: Keys = ()) -> Iterator[Keys]:
    yield so_far
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from ways(child, (*so_far, key))


@pytest.mark.parametrize("text", [SOUND, EXAMPLE, CLIENTS_YAML, NESTED, "apis: {}\n", "clients: []\n", "clients:\n"])
def test_every_value_stands_where_the_reader_says_and_so_does_what_is_missing(text: str) -> None:
    source = read(text.encode(), "clients.yaml")
    lines = Lines(source)
    for way in ways(source.data):
        for asked in (way, (*way, "missing"), (*way, 99), (*way, "missing", "too")):
            assert lines.line(asked) == source.place(asked)[0], asked
    for index, entry in enumerate(source.data.get("clients") or ()):
        assert lines.index(entry["client_id"]) == index
    assert lines.index("nobody") is None


def test_what_is_kept_of_thousands_of_clients_is_small() -> None:
    number = 1000
    entry = SOUND.partition("clients:\n")[2]
    text = SOUND + "".join(entry.replace("portal", f"portal-{n}") for n in range(number))
    lines = Lines(read(text.encode(), "clients.yaml"))
    assert lines.index("portal-999") == number
    kept = sum(map(sys.getsizeof, (lines._clients, lines._ends, *lines._parts.values(), lines._indexes)))
    assert kept / number < 600
