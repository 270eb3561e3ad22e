"""A clients.yaml as a text: what would come of it, said without taking it, and without its secrets and other files."""

from dataclasses import dataclass
from typing import Protocol

from authserver.protocol.client.registry import Registry


@dataclass(frozen=True, slots=True)
class Remark:
    """One fault or warning; line and column count from 1, `where` is the way to the value."""

    line: int
    column: int
    where: str
    what: str

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        return f"{self.line}:{self.column}: {where}{self.what}"


@dataclass(frozen=True, slots=True)
class Proposal:
    """`registry` is None where `faults` refuse the text; `expected` are the sentences that must stay true.

    Each of these comes with its line.
    """

    registry: Registry | None
    faults: tuple[Remark, ...] = ()
    warnings: tuple[Remark, ...] = ()
    expected: tuple[tuple[int, str], ...] = ()


class TextSource(Protocol):
    """What is asked about the text of clients.yaml, and about others that somebody proposes."""

    def proposed(self, content: bytes, token_size: int) -> Proposal: ...

    def in_force(self, token_size: int) -> Proposal: ...

    def line(self, way: tuple[str | int, ...]) -> int: ...

    def way_to(self, client_id: str) -> tuple[str | int, ...] | None: ...
