"""Whether the server took an edited clients.yaml, for the terminal where the demonstration runs."""

import json
from pathlib import Path
from typing import Any


class Reloads:
    """Follows the log of the server from where it stands now; every process of the server writes there."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._read = log.stat().st_size if log.exists() else 0
        self._rest = b""
        self._last = ""

    def news(self) -> list[str]:
        """What there is to say since the last look: of each change once, whichever processes tell of it."""
        with self._log.open("rb") as log:
            log.seek(self._read)
            found = log.read()
        self._read += len(found)
        *lines, self._rest = (self._rest + found).split(b"\n")
        return [text for line in lines if (text := self._new(line))]

    def _new(self, line: bytes) -> str | None:
        if b'"clients:' not in line:
            return None
        try:
            said: dict[str, Any] = json.loads(line)
        except ValueError:  # written for people: AUTHSERVER_LOG_FORMAT=console
            return None
        if said.get("event") == "clients:reloaded":
            text = f"clients.yaml was taken; version {said['version']}."
        elif said.get("event") == "clients:refused":
            more = said["fault_count"] - len(said["faults"])
            faults = [*said["faults"], *([f"and {more} more"] if more else [])]
            text = "\n".join(
                ["clients.yaml was refused; what it said before goes on:", *(f"  {one}" for one in faults)]
            )
        else:
            return None
        if text == self._last:
            return None
        self._last = text
        return text
