"""Is the process alive, and can it serve? `/healthz` touches nothing; `/readyz` asks every part it needs.

Both stand at the root, whatever the path of the issuer: they are for the machine that runs the server.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Lock

import structlog

from authserver.http.machine import Endpoint
from authserver.http.mount import Mount
from authserver.keys.life import SETTLING
from authserver.server import NO_STORE, Reply, Request, Server, json_reply
from authserver.store.database import UNAVAILABLE
from authserver.store.upkeep import migrations, writable

METHODS = ("GET", "HEAD")
ALIVE, READY = PATHS = ("/healthz", "/readyz")
# Seconds that a check may take.
TIMEOUT = 2.0
# Seconds for which a write that was kept answers for the next.
WRITE_ANSWERS_FOR = 1.0
# Seconds since they were read: half of what a new key waits before it signs.
KEYS_ARE_OLD = SETTLING / 2
_log = structlog.get_logger("authserver")

Check = Callable[[], bool]


class Readiness:
    """The checks of one server, each bounded by `TIMEOUT`."""

    def __init__(self, server: Server) -> None:
        self._server = server
        # A check that hangs keeps its thread: probes that come meanwhile must not start ever more of them.
        self._threads = ThreadPoolExecutor(max_workers=5, thread_name_prefix="readiness")
        self._writing = Lock()
        self._wrote_at = float("-inf")

    def answer(self, _server: Server, _request: Request) -> Reply:
        """200 when everything that answers need is there, else 503; the body says which part is not."""
        status, body = self.report()
        return json_reply(body, status)

    def report(self) -> tuple[int, dict[str, object]]:
        """The HTTP status and the body."""
        if self._server.is_draining():
            return 503, {"status": "draining", "clients_version": self._server.registry.version, "checks": {}}
        needed = self._run(
            {"database": self._database, "writes": self._writes, "migrations": self._migrations, "keys": self._keys}
        )
        # Limits fail open without Redis: taking every replica out of service for it would be the worse outage.
        helpful = self._run({"redis": self._redis}) if self._server.settings.redis_url else {}
        is_ready = all(needed.values())
        parts = {name: "ok" if works else "failed" for name, works in (needed | helpful).items()}
        body: dict[str, object] = {
            "status": "ready" if is_ready else "unavailable",
            "clients_version": self._server.registry.version,
            "checks": parts,
        }
        if self._server.warnings:
            body["warnings"] = list(self._server.warnings.values())
        return 200 if is_ready else 503, body

    def _run(self, checks: dict[str, Check]) -> dict[str, bool]:
        running = {name: self._threads.submit(check) for name, check in checks.items()}
        wait(running.values(), TIMEOUT)
        return {name: _outcome(name, future) for name, future in running.items()}

    def _database(self) -> bool:
        return writable.answers(self._server.database)

    def _writes(self) -> bool:
        with self._writing:
            if time.monotonic() - self._wrote_at < WRITE_ANSWERS_FOR:
                return True
            try:
                writable.prove(self._server.database)
            except UNAVAILABLE as error:
                _log.warning("health:not_writable", reason=str(getattr(error, "orig", None) or error)[:200])
                return False
            self._wrote_at = time.monotonic()
            return True

    def _migrations(self) -> bool:
        return migrations.schema(self._server.database).is_workable

    def _keys(self) -> bool:
        keys = self._server.keys
        if keys.age() > KEYS_ARE_OLD:
            # Maintenance hangs. A node that knows less than the others must not say what is published.
            keys.refresh(self._server.now())
        return "RS256" in keys.algs

    def _redis(self) -> bool:
        return bool(self._server.limiter.storage.check())


def _outcome(name: str, future: Future[bool]) -> bool:
    if not future.done():
        future.cancel()
        _log.warning("health:slow", check=name)
        return False
    error = future.exception()
    if error is not None:
        _log.warning("health:failed", check=name, reason=type(error).__name__)
        return False
    return future.result()


def alive(_server: Server, _request: Request) -> Reply:
    """200 as long as the process answers at all."""
    return Reply(200, b"ok", (("Content-Type", "text/plain"), *NO_STORE))


def mount(server: Server) -> Mount:
    """The two endpoints."""
    probes = {ALIVE: Endpoint(alive, METHODS), READY: Endpoint(Readiness(server).answer, METHODS)}
    return Mount("health", at_root=probes)
