"""One thing that a changed clients.yaml would do, in a sentence."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

# `lost`: somebody or something can do less than before; `gained`: more; `told`: neither, and worth a look.
Effect = Literal["lost", "gained", "told"]
EFFECTS: tuple[Effect, ...] = ("lost", "gained", "told")


@dataclass(frozen=True, slots=True)
class Consequence:
    """What changes for `subject`, such as `client portal`; `people` is how many it concerns, None where it is nobody.

    `who` are their usernames, where they were asked for.
    """

    effect: Effect
    subject: str
    what: str
    people: int | None = None
    who: tuple[str, ...] = ()


def counted(number: int, one: str, many: str) -> str:
    """A number with its noun: `1 person`, `1,200 people`."""
    return f"{number:,} {one if number == 1 else many}"


def listed(names: Iterable[str]) -> str:
    """Names in the order of the alphabet, as one writes them in a sentence."""
    return ", ".join(sorted(names))
