"""What is wrong with clients.yaml: where, what, and what was probably meant. Values of secrets are never shown."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

# The way from the top of the file to a value: names of fields, positions in lists.
Keys = tuple[str | int, ...]
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_:./@-]{1,60}")
_SECRET_FIELDS = frozenset({"env", "file", "sha256", "expires"})


@dataclass(frozen=True, slots=True, order=True)
class FileFault:
    """One fault or warning; line and column count from 1."""

    file: str
    line: int
    column: int
    where: str
    what: str

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        return f"{self.file}:{self.line}:{self.column}: {where}{self.what}"


class ClientsFileError(Exception):
    """clients.yaml is refused; `faults` holds everything that is wrong, by position.

    `files` are the files whose change may mend it.
    """

    def __init__(self, faults: Iterable[FileFault], files: tuple[Path, ...] = ()) -> None:
        self.faults = tuple(sorted(set(faults)))
        self.files = files
        super().__init__("\n".join(map(str, self.faults)))


def quoted(name: str) -> str:
    """A name fit for one line of a terminal or a log, whatever it holds."""
    if _PLAIN_NAME.fullmatch(name):
        return name
    return json.dumps(name if len(name) <= 60 else f"{name[:57]}...")


def where(keys: Keys) -> str:
    """The way to a value as one writes it: `clients[3].redirect_uris[0]`.

    Below `secrets` and `secret` only the known names are shown: a misplaced secret may stand there as a key.
    """
    text = ""
    for index, key in enumerate(keys):
        if isinstance(key, int):
            text += f"[{key}]"
        elif ("secrets" in keys[:index] or "secret" in keys[2:index]) and key not in _SECRET_FIELDS:
            break
        else:
            text += f".{quoted(key)}" if text else quoted(key)
    return text


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant."""
    names = sorted(known)
    # Needed for faults only, and a twentieth of the whole start.
    from rapidfuzz import process
    from rapidfuzz.distance import JaroWinkler

    found = process.extractOne(name, names, scorer=JaroWinkler.similarity, score_cutoff=0.8)
    if found is not None:
        return found[0]
    lower = name.lower()
    return next((other for other in names if len(lower) > 1 and (lower in other or other in lower)), None)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a sentence that names the nearest known name, or every one where they are few."""
    names = list(known)
    meant = nearest(name, names)
    if meant is not None:
        return f"; did you mean {quoted(meant)}?"
    return f"; known: {', '.join(map(quoted, names))}" if 0 < len(names) <= 20 else ""
