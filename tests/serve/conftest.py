"""`authserver serve` as it runs in production: a process of its own, on a free port."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.patience import PATIENCE, eventually
from tests.ports import free_port

# What there is to permit, before whichever clients a test has.
PERMITTED_YAML = """
apis:
  reports: {audience: https://reports.example.com, permissions: {read:reports: Read reports}}
roles: {user: [read:reports]}
default_role: user
clients:
"""
CLIENTS_YAML = f"""{PERMITTED_YAML}
  - {{client_id: phone, name: Phone, type: native, redirect_uris: [http://127.0.0.1/callback], apis: [reports]}}
"""


@dataclass
class Running:
    """A running server."""

    process: subprocess.Popen[bytes]
    port: int
    folder: Path

    @property
    def clients_file(self) -> Path:
        return self.folder / "clients.yaml"

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def lines(self, event: str) -> list[dict[str, Any]]:
        """The log lines of this event so far."""
        # The last line may be half written.
        whole = (self.folder / "log").read_text().rpartition("\n")[0].splitlines()
        return [line for line in map(json.loads, whole) if line["event"] == event]

    def workers(self) -> list[int]:
        """The workers that have begun to serve and still live."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        begun = {line["pid"] for name in ("Started worker-1", "Started worker-2") for line in self.lines(name)}
        return [int(pid) for pid in children if int(pid) in begun]

    def is_ready(self) -> bool:
        assert self.process.poll() is None, (self.folder / "log").read_text()
        with suppress(httpx.TransportError):
            return self.get("/readyz").is_success
        return False


Start = Callable[..., Running]


def spawn(folder: Path, port: int, **settings: object) -> subprocess.Popen[bytes]:
    """`authserver serve` in this folder; its output is the file `log` there."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AUTHSERVER_")}
    environ |= {"AUTHSERVER_PORT": str(port), "AUTHSERVER_DRAIN": "0"}
    environ |= {"AUTHSERVER_DATABASE_LOCK_TIMEOUT": str(PATIENCE)}
    environ |= {f"AUTHSERVER_{name}".upper(): str(value) for name, value in settings.items()}
    command = [sys.executable, "-c", "from authserver.cli import main; main()", "serve"]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(command, cwd=folder, env=environ, stdout=log, stderr=log, start_new_session=True)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a server with these settings and wait until it is ready; it is ended after the test."""
    yield from _starting(tmp_path)


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server for several tests, each of which leaves it as it was. It waits long for what a sender sends."""
    for start in _starting(tmp_path_factory.mktemp("patient")):
        yield start(body_timeout=300)


def _starting(folder: Path) -> Iterator[Start]:
    running: list[Running] = []

    def start(**settings: object) -> Running:
        (folder / "clients.yaml").write_text(CLIENTS_YAML)
        port = free_port()
        server = Running(spawn(folder, port, **settings), port, folder)
        running.append(server)
        eventually(server.is_ready)
        eventually(lambda: len(server.workers()) == settings.get("workers", 1))
        return server

    yield start
    for server in running:
        # SIGINT, for one that drains is ended by it, too.
        server.process.send_signal(signal.SIGINT)
        server.process.wait(PATIENCE)
