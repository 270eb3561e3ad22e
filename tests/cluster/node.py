"""One node of a cluster: a running server, and what people and clients do there."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cluster.site import CLIENTS_YAML, ISSUER, SECRETS, Site
from tests.flows.conftest import CHEAP
from tests.patience import PATIENCE, eventually
from tests.ports import free_port
from tests.serve.conftest import Running

TOP = Path(__file__).parents[2]
_PROGRAM = (
    "import time; local = time.time; time.time = lambda: local() + {ahead}; from authserver.cli import main; main()"
)


@dataclass
class Node(Running, Site):
    """A running server, and how to ask it."""

    environ: Mapping[str, str]
    seconds_ahead: int = 0

    def __post_init__(self) -> None:
        Site.__init__(self, f"http://127.0.0.1:{self.port}")

    @classmethod
    def begun(cls, folder: Path, settings: Mapping[str, object], *, seconds_ahead: int = 0, code: Path = TOP) -> "Node":
        """A node with a clock so far ahead, these settings, and this code; it may not be ready yet."""
        folder.mkdir()
        (folder / "clients.yaml").write_text(CLIENTS_YAML)
        port = free_port()
        environ = {name: value for name, value in os.environ.items() if not name.startswith("AUTHSERVER_")}
        given = {"port": port, "issuer": ISSUER, "drain": 0} | CHEAP | dict(settings)
        environ |= {f"AUTHSERVER_{name}".upper(): str(value) for name, value in given.items()}
        environ |= {name.upper(): secret for name, secret in SECRETS.items()}
        environ["PYTHONPATH"] = str(code)
        return cls(_spawned(folder, environ, seconds_ahead), port, folder, environ, seconds_ahead)

    @classmethod
    def started(cls, folder: Path, settings: Mapping[str, object], *, seconds_ahead: int = 0) -> "Node":
        """The same, once it is ready."""
        node = cls.begun(folder, settings, seconds_ahead=seconds_ahead)
        eventually(node.is_ready)
        return node

    def start_again(self) -> None:
        """Start it as it was, once it has ended, and wait until it is ready."""
        self.process = _spawned(self.folder, self.environ, self.seconds_ahead)
        eventually(self.is_ready)

    def stop(self) -> None:
        """End it as a supervisor does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(PATIENCE)

    def kill(self) -> None:
        """End it as a machine that is lost does, with its workers."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)

    def run_with(self, code: Path) -> None:
        """Have it go on with other code when it starts again."""
        self.environ = {**self.environ, "PYTHONPATH": str(code)}

    def command(self, *arguments: str, code: Path = TOP) -> str:
        """What an `authserver` command prints that is run on this machine, with this code."""
        return self.python("from authserver.cli import main; main()", *arguments, code=code)

    def python(self, program: str, *arguments: str, code: Path = TOP) -> str:
        """What a program prints that is run with this code and the settings of the node."""
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments],
            cwd=self.folder,
            env={**self.environ, "PYTHONPATH": str(code)},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def kids(self) -> set[str]:
        """The keys that it publishes."""
        return {key["kid"] for key in self.get("/jwks.json").json()["keys"]}

    def readiness(self) -> Any:
        """What `/readyz` says."""
        return self.get("/readyz").json()


def _spawned(folder: Path, environ: Mapping[str, str], seconds_ahead: int) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-c", _PROGRAM.format(ahead=seconds_ahead), "serve"]
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(command, cwd=folder, env=environ, stdout=log, stderr=log, start_new_session=True)


StartNode = Callable[..., Node]
