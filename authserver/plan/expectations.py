"""The expectations of clients.yaml, held against the people that they name."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from authserver.access.expectation import Expectation, disappointment
from authserver.protocol.client.registry import Registry
from authserver.store import Connection, users


@dataclass(frozen=True, slots=True)
class Disappointed:
    """An expectation that is not met, and why; its line in the file, None where a server of an earlier release told."""

    text: str
    why: str
    line: int | None = None


def disappointed(
    connection: Connection, registry: Registry, expected: Iterable[Expectation], now: int
) -> Iterator[Disappointed]:
    """Every expectation that does not hold, in their order; `now` in seconds since the epoch."""
    for each in expected:
        person = users.by_login(connection, each.person)
        if person is None:
            why: str | None = f"nobody is named {each.person}"
        elif person.disabled_at is not None:
            why = f"{each.person} is disabled" if each.holds else None
        else:
            why = disappointment(registry, each, person.roles_anywhere(now), person.groups)
        if why is not None:
            yield Disappointed(each.text, why, each.line)
