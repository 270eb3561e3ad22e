"""What many clients cost, in starts, memory, and answers while clients.yaml is read: `python -m bench.clients`.

The server has one core for all of its processes, and four connections ask for tokens meanwhile.
"""

import argparse
import json
import os
import sys
import tempfile
import threading
from pathlib import Path

from bench import processes, scene, server
from bench.databases import DATABASES
from bench.generator import Load, run
from bench.paths import Same, basic, post

FEW, MANY, ASKING, STARTS = 10, 10_000, 4, 3
SECONDS, MOST_ROUNDS = 3.0, 100
GRANT = "client_credentials"
# No answer may take longer than this many milliseconds while clients.yaml is read.
MOST = 50.0
CLIENT = """\
  - client_id: customer-{n}
    name: {name} {n}
    type: web
    secrets: [{{sha256: "{n:064x}"}}]
    redirect_uris: [https://customer{n}.example.com/callback]
    post_logout_redirect_uris: [https://customer{n}.example.com/]
    apis: [reports]
    consent: never
"""


def _file(number: int, name: str, renamed: int) -> str:
    """clients.yaml with so many clients more, of which the first few have another name."""
    names = ["Renamed" if n < renamed else name for n in range(number)]
    return scene.CLIENTS + "".join(CLIENT.format(n=n, name=each) for n, each in enumerate(names))


class Measuring:
    """One number of clients."""

    def __init__(self, folder: Path, number: int, core: int) -> None:
        self._folder, self._number, self._core = folder, number, core
        self._log = folder / "server.log"
        with DATABASES["sqlite"](folder) as database:
            self._environ, keys = scene.environment(folder, database.url, server.free_port())
        self._write(0)
        with server.serving(self._environ, {core}, self._log):
            # Migrates, and makes the keys.
            pass
        job = post("/token", basic(scene.of_browsers(keys, []), "nightly-job"), grant_type=GRANT)
        self._talk = [Same(job, b'"access_token":"') for _ in range(ASKING)]

    def starts(self, cores: set[int]) -> tuple[float, float]:
        """Of the quickest start on these cores the seconds, and those of CPU."""
        found = []
        for _ in range(STARTS):
            with server.serving(self._environ, cores, self._log) as running:
                found.append((running.start_seconds, processes.cpu_seconds(running.pid)))
        return min(seconds for seconds, _ in found), min(seconds for _, seconds in found)

    def reads(self) -> float:
        """Print what a worker takes and how long answers take; the longest of them, in milliseconds."""
        with server.serving(self._environ, {self._core}, self._log) as running:
            self._tell("quiet", running, [run(running.port, self._talk, SECONDS)])
            return max(self._change("one client", running, 1), self._change("every client", running, self._number))

    def _change(self, what: str, running: server.Running, renamed: int) -> float:
        before, loads = self._taken(running.worker), list[Load]()
        threading.Timer(SECONDS / 4, self._write, (renamed,)).start()
        while self._taken(running.worker) == before:
            if len(loads) == MOST_ROUNDS:
                raise RuntimeError(f"the worker has not taken the new file after {MOST_ROUNDS * SECONDS} seconds")
            loads.append(run(running.port, self._talk, SECONDS))
        return self._tell(f"{what} changed", running, loads)

    def _tell(self, what: str, running: server.Running, loads: list[Load]) -> float:
        memory, longest = processes.memory(running.worker), max(load.longest for load in loads) * 1e3
        sys.stdout.write(
            f"  {what:22} p50 {max(load.median for load in loads) * 1e3:5.1f} ms   longest {longest:6.1f} ms"
            f"   worker {memory.rss:4.0f} MB, {memory.pss:.0f} of its own\n"
        )
        sys.stdout.flush()
        return longest

    def _taken(self, pid: int) -> int:
        """How often this process has taken a new clients.yaml."""
        lines = self._log.read_text().rpartition("\n")[0].splitlines()
        return sum(json.loads(line)["pid"] == pid for line in lines if "clients:reloaded" in line)

    def _write(self, renamed: int) -> None:
        new = self._folder / "clients.new"
        new.write_text(_file(self._number, "Customer", renamed))
        new.replace(self._folder / "clients.yaml")


def main() -> None:
    """Measure without and with many clients; exits with status 1 where an answer took too long."""
    parser = argparse.ArgumentParser(prog="python -m bench.clients", description=__doc__)
    parser.add_argument("--number", type=int, default=MANY, help="of clients")
    arguments = parser.parse_args()
    longest, cores = 0.0, os.sched_getaffinity(0)
    core = max(cores)
    # What asks stays off the server's core.
    os.sched_setaffinity(0, cores - {core})
    for number in (FEW, arguments.number):
        with tempfile.TemporaryDirectory(prefix="authserver-bench-") as folder:
            measuring = Measuring(Path(folder), number, core)
            seconds, cpu = measuring.starts({core})
            on_all, _ = measuring.starts(cores)
            sys.stdout.write(
                f"{number:,} clients: a start takes {seconds:.2f} s, {cpu:.2f} s of CPU; {on_all:.2f} s on all cores\n"
            )
            longest = measuring.reads()
    sys.exit(longest > MOST)


if __name__ == "__main__":
    main()
