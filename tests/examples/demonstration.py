"""`make run`'s command as a person starts it: a process of its own, on free ports, with a folder of its own."""

import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from queue import Empty, Queue

from tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
# A copy of clients.yaml as it is shipped: whoever tries `make run` edits that one, as it invites them to.
EXAMPLE = ROOT / "tests" / "example.yaml"
VARIABLES = ("PORT", "PORTAL_PORT", "RESOURCE_PORT", "MAIL_PORT", "EXAMPLE_PORT")


class Demonstration:
    """`lines` is what it has printed so far."""

    def __init__(self, folder: Path, ports: list[int], **more: str) -> None:
        self.folder = folder
        self.server, self.portal, self.resource, self.mail, self.provider = (
            f"http://localhost:{port}" for port in ports
        )
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AUTHSERVER_")}
        variables = {name: str(port) for name, port in zip(VARIABLES, ports, strict=True)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "examples.demo"],
            cwd=ROOT,
            env=kept
            | {"AUTHSERVER_PASSKEY_OFFER": "false"}
            | variables
            | {"DEMO_DIR": str(folder), "AUTHSERVER_CLIENTS_FILE": str(EXAMPLE)}
            | more,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines: list[str] = []
        self._queue: Queue[str | None] = Queue()
        self._ended = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_for(self, text: str) -> None:
        """Return when a line with this text was printed; AssertionError when it ends without."""
        while not any(text in line for line in self.lines):
            line = self._next()
            assert line is not None, f"ended without {text!r}: {self.output}"
            self.lines.append(line)

    def wait_for_end(self) -> int:
        """Its exit status."""
        while not self._ended:
            self.lines.append(self._next() or "")
        return self.process.wait(PATIENCE)

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """Send a signal and return the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.wait_for_end()

    @property
    def output(self) -> str:
        return "".join(self.lines)

    @property
    def passwords(self) -> dict[str, str]:
        """What was printed, by username."""
        return dict(re.findall(r"^    (guest|user|moderator|admin) +(\S+)$", self.output, re.MULTILINE))

    def children(self) -> list[int]:
        """The processes that it started, and theirs."""
        found = _descendants(self.process.pid)
        assert len(found) >= 3, self.output
        return found

    def _next(self) -> str | None:
        try:
            line = self._queue.get(timeout=PATIENCE)
        except Empty:
            raise AssertionError(f"nothing more was printed: {self.output}") from None
        self._ended = line is None
        return line

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout as stream:
            for line in stream:
                self._queue.put(line)
        self._queue.put(None)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def _descendants(pid: int) -> list[int]:
    children = [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return children + [each for child in children for each in _descendants(child)]
