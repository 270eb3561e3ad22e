"""The child processes: started together, watched, and ended together."""

import os
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

READY_SECONDS = 60
STOP_SECONDS = 10


class ChildError(Exception):
    """A child ended by itself or never answered; the text has the end of its log."""


@dataclass(slots=True)
class Child:
    """A process, where it says that it is well, and its log."""

    name: str
    process: subprocess.Popen[bytes]
    health_url: str
    log: Path

    def check(self) -> None:
        """Raises ChildError when the process has ended."""
        if self.process.poll() is not None:
            raise ChildError(f"{self.name} ended with status {self.process.returncode}.\n{self._last_lines()}")

    def _last_lines(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-20:]
        return "\n".join(["", *(f"  {line}" for line in lines), "", f"Its whole log: {self.log}"])


class Children:
    """All of them; `stopping` is set by Ctrl-C, SIGTERM, or the terminal being closed."""

    def __init__(self, logs: Path) -> None:
        logs.mkdir(mode=0o700, exist_ok=True)
        self._logs = logs
        self._all: list[Child] = []
        self.stopping = threading.Event()
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, lambda *_: self.stopping.set())

    def start(self, name: str, command: list[str], health_url: str) -> None:
        """Start one; what it prints goes to its log."""
        log = self._logs / f"{name.replace(' ', '-')}.log"
        with log.open("ab") as stream:
            # A session of its own: Ctrl-C in the terminal reaches only this process, which then ends them in order.
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, start_new_session=True
            )
        self._all.append(Child(name, process, health_url, log))

    def wait_until_healthy(self) -> None:
        """Return when all answer, or when it is time to stop. Raises ChildError."""
        deadline = time.monotonic() + READY_SECONDS
        for child in self._all:
            while not self.stopping.is_set() and not _answers(child.health_url):
                child.check()
                if time.monotonic() > deadline:
                    raise ChildError(f"{child.name} does not answer. Its log: {child.log}")
                self.stopping.wait(0.05)

    def watch(self, look: Callable[[], None]) -> None:
        """Return when it is time to stop; until then `look` again and again. Raises ChildError when one ends."""
        while not self.stopping.wait(0.2):
            look()
            for child in self._all:
                child.check()

    def stop(self) -> None:
        """End all, politely first; nothing that they started outlives them."""
        for child in self._all:
            child.process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for child in self._all:
            try:
                child.process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
            _kill_group(child.process.pid)
            child.process.wait()


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - a loopback address of our own
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False
