"""One thing that was looked at, what was found, and what to do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

# `fault`: something does not work; `warning`: it works, and not as it should; `ok`: nothing to do.
Level = Literal["ok", "warning", "fault"]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found of `part`; `advice` says what to do, and is empty where that is nothing."""

    part: str
    level: Level
    found: str
    advice: str = ""


Diagnoses = Iterator[Diagnosis]
Check = Callable[[], Diagnoses]


def ok(part: str, found: str) -> Diagnosis:
    """All is well."""
    return Diagnosis(part, "ok", found)


def warning(part: str, found: str, advice: str) -> Diagnosis:
    """It works, and not as it should."""
    return Diagnosis(part, "warning", found, advice)


def fault(part: str, found: str, advice: str) -> Diagnosis:
    """It does not work."""
    return Diagnosis(part, "fault", found, advice)
