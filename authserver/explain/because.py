"""A claim, and the reasons for its value, each with the place in clients.yaml that made it."""

from dataclasses import dataclass
from typing import Any

# The way from the top of clients.yaml to a value: names of fields, positions in lists.
Way = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Because:
    """One reason in words; `way` leads to what says it in clients.yaml, None where it stands elsewhere."""

    text: str
    way: Way | None = None


@dataclass(frozen=True, slots=True)
class ExplainedClaim:
    """A claim with its value, and why. One without a value, which is None, is left out, for these reasons."""

    name: str
    value: Any
    reasons: tuple[Because, ...] = ()
