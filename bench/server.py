"""The server under measurement: `authserver serve` with one worker, on a core of its own."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import processes

COMMAND = (str(Path(sys.executable).with_name("authserver")), "serve", "--workers", "1")
# Of a machine that has much else to do.
START_TIMEOUT = 120.0


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers: its process, its worker, and the seconds from its start to its first answer."""

    pid: int
    worker: int
    port: int
    start_seconds: float


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(environ: dict[str, str], cores: set[int], log: Path) -> Iterator[Running]:
    """Start the server on these cores, wait for its first answer, and stop it at the end.

    Its log lines go to a file, as they would in service: writing them is part of what a request costs. Raises
    RuntimeError where no answer comes.
    """
    port = int(environ["AUTHSERVER_PORT"])
    with log.open("ab") as stream:
        began = time.perf_counter()
        process = subprocess.Popen(
            COMMAND,
            env=environ,
            cwd=log.parent,
            stdout=stream,
            stderr=subprocess.STDOUT,
            preexec_fn=lambda: os.sched_setaffinity(0, cores),  # noqa: PLW1509 - no threads here that could hold a lock
        )
        try:
            await_answer(process, port, log)
            start_seconds = time.perf_counter() - began
            yield Running(process.pid, _worker(process.pid), port, start_seconds)
        finally:
            process.terminate()
            process.wait()


def await_answer(process: subprocess.Popen[bytes], port: int, log: Path, path: str = "/healthz") -> None:
    """Wait until a process answers there. Raises RuntimeError with the end of its log where it does not."""
    end = time.perf_counter() + START_TIMEOUT
    while time.perf_counter() < end and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
        try:
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.005)
        finally:
            connection.close()
    raise RuntimeError(f"The server did not start; the end of its log:\n{log.read_text()[-2000:]}")


def _worker(pid: int) -> int:
    # The worker is the largest of the children: multiprocessing may keep a small one beside it.
    children = [child for child in processes.tree(pid) if child != pid]
    return max(children, key=lambda child: processes.memory(child).rss, default=pid)
