"""What a flood of sign-ins does to the token endpoint: `python -m bench.flood`.

First a few people sign in, and nobody else does anything: what a vCPU carries of that. Then the same connections ask
for tokens, first alone, then while others sign in as fast as they are answered. Each sign-in
costs a password hash of the default parameters; the limits that would stop a flood from one address are lifted.
"""

import http.client
import os
import re
import socket
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlencode

from bench import processes, scene, server
from bench.databases import DATABASES
from bench.paths import basic
from bench.scene import AUDIENCE

SECONDS = 8.0
ASKING, FLOODING = 4, 200
# No more people than passwords are hashed for or wait: nobody is told to come back.
FEW = 2
# The p99 amid the flood is at most so many times the quiet one.
MOST = 10.0
LIFTED = {
    "AUTHSERVER_SIGNIN_LIMIT_ADDRESS": "1000000 per minute",
    "AUTHSERVER_SIGNIN_LIMIT_ACCOUNT": "1000000 per minute",
}
# As the issuer has it: a form that came from elsewhere would be refused.
HOST = {"Host": "127.0.0.1"}
FORM = {**HOST, "Content-Type": "application/x-www-form-urlencoded", "Origin": "http://127.0.0.1"}


@dataclass
class Tally:
    """Seconds that each answer took, by status."""

    took: dict[int, list[float]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, status: int, seconds: float) -> None:
        with self.lock:
            self.took.setdefault(status, []).append(seconds)

    def p99(self, status: int) -> float:
        """Seconds within which 99 of 100 answers with this status came."""
        return quantiles(self.took[status], n=100)[98]

    def line(self, what: str, status: int) -> str:
        took = self.took.get(status, [])
        if len(took) < 2:
            return f"{what:38} {len(took) / SECONDS:8.1f}/s"
        cuts = quantiles(took, n=100)
        return (
            f"{what:38} {len(took) / SECONDS:8.1f}/s   median {cuts[49] * 1000:7.1f} ms   p99 {cuts[98] * 1000:7.1f} ms"
        )


def main() -> None:
    """Measure and print."""
    core = sorted(os.sched_getaffinity(0))[-1]
    os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:-1]) or {core})
    with tempfile.TemporaryDirectory(prefix="authserver-flood-") as name, socket.socket() as probe:
        folder = Path(name)
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        probe.close()
        with DATABASES["sqlite"](folder) as database:
            environ, keys = scene.environment(folder, database.url, port)
            with server.serving(environ | LIFTED, {core}, folder / "server.log") as running:
                told = scene.people(environ, keys, 1)
                before = processes.cpu_seconds(running.pid)
                _, people = _run(port, "", flooding=FEW, asking=0)
                used = processes.cpu_seconds(running.pid) - before
                alone, _ = _run(port, basic(told, "nightly-job"), flooding=0)
                crowded, flood = _run(port, basic(told, "nightly-job"), flooding=FLOODING)
    lines = [
        f"{'sign-ins alone, a CPU second':38} {len(people.took[400]) / used:8.1f}",
        alone.line("tokens, alone", 200),
        crowded.line("tokens, amid the flood", 200),
        flood.line("sign-ins answered", 400),
        flood.line("sign-ins told to come back (503)", 503),
    ]
    ratio = crowded.p99(200) / alone.p99(200)
    lines.append(f"p99 of tokens: {ratio:.1f} times the quiet one; at most {MOST:.0f} times is wanted")
    sys.stdout.write("\n".join(lines) + "\n")
    sys.exit(ratio > MOST)


def _run(port: int, authorization: str, flooding: int, asking: int = ASKING) -> tuple[Tally, Tally]:
    tokens, sign_ins, end = Tally(), Tally(), time.perf_counter() + SECONDS
    threads = [threading.Thread(target=_ask, args=(port, authorization, end, tokens)) for _ in range(asking)]
    threads += [threading.Thread(target=_sign_in, args=(port, number, end, sign_ins)) for number in range(flooding)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tokens, sign_ins


def _ask(port: int, authorization: str, end: float, tally: Tally) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    body = urlencode({"grant_type": "client_credentials", "resource": AUDIENCE})
    while time.perf_counter() < end:
        _timed(connection, "/token", body, FORM | {"Authorization": authorization}, tally)
    connection.close()


def _sign_in(port: int, number: int, end: float, tally: Tally) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/sign-in", headers=HOST)
    response = connection.getresponse()
    page = response.read().decode()
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    cookie = "; ".join(value.partition(";")[0] for name, value in response.getheaders() if name.lower() == "set-cookie")
    headers = FORM | {"Cookie": cookie}
    attempt = 0
    while token and time.perf_counter() < end:
        attempt += 1
        # Somebody else each time, or the account would be slowed down.
        form = {"csrf_token": unescape(token[1]), "username": f"x{number}-{attempt}", "password": "Wrong horse 1!"}
        _timed(connection, "/sign-in", urlencode(form), headers, tally)
    connection.close()


def _timed(connection: http.client.HTTPConnection, path: str, body: str, headers: dict[str, str], tally: Tally) -> None:
    began = time.perf_counter()
    connection.request("POST", path, body, headers)
    response = connection.getresponse()
    response.read()
    tally.add(response.status, time.perf_counter() - began)


if __name__ == "__main__":
    main()
