"""The YAML of a large clients.yaml, read in a process of its own before what checks it has been imported.

So this imports little: the reader, and none of the rules.
"""

import os
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from authserver.clients.file.on_disk import is_large
from authserver.clients.file.plain import Plain, read_plain


@dataclass(frozen=True, slots=True)
class Ahead:
    """A process that reads, and the pipe that it answers by."""

    pid: int
    reading: int

    def taken(self) -> Plain | None:
        """What it has read, in the process that checks it; None where it could not, which is then met there."""
        try:
            with os.fdopen(self.reading, "rb") as pipe:
                plain: Plain = pickle.loads(pipe.read())  # noqa: S301 - our own process wrote it
        except (EOFError, pickle.UnpicklingError):
            return None
        return plain

    def handed_on(self) -> None:
        """In the process that began it, once the one that takes it has been forked."""
        os.close(self.reading)


def read_ahead(path: Path) -> Ahead | None:
    """Begin to read; None for a small file, which is read in no time."""
    if not is_large(path):
        return None
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        # Or it would wait for ever for a reader that is gone.
        os.close(reading)
        _read(writing, path)
    os.close(writing)
    return Ahead(pid, reading)


def _read(writing: int, path: Path) -> NoReturn:
    """The other process: whatever fails here fails again where it is reported."""
    try:
        with os.fdopen(writing, "wb") as pipe:
            pickler = pickle.Pickler(pipe, pickle.HIGHEST_PROTOCOL)
            # Without a memory of what was written: nothing in the data refers to itself, and to remember takes longest.
            pickler.fast = True
            pickler.dump(read_plain(path))
    finally:
        os._exit(0)
