"""How a file came to be live, before it is written down."""

from dataclasses import dataclass
from typing import Literal

from authserver.history.text import FileText

# How a file comes to be live: a server started with it, took it while it ran, or somebody put it back.
Way = Literal["start", "reload", "undo"]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that was taken. `at` is in seconds of this machine's monotonic clock; `who` is whose the file is."""

    text: FileText
    version: str
    way: Way
    who: str
    at: float
