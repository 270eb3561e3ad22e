"""The parent process: it keeps the workers running and clients.yaml read.

SIGTERM lets balancers notice, and then running requests finish; SIGINT does the latter at once; SIGHUP reads
clients.yaml again in every worker. A worker that dies is replaced, with the last good clients.yaml, which the parent
holds in memory and every worker has from it by the fork.

granian keeps the workers running. Only what it offers to everyone is used of it; tests/serve/test_granian.py names the
version for which this holds.
"""

import gc
import multiprocessing
import os
import resource
import signal
import sys
import threading
import time
from contextlib import suppress
from importlib import import_module
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

import structlog
from granian import Granian
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings

from authserver import logs
from authserver.clients.live import FirstReading, LiveRegistry
from authserver.serve import worker
from authserver.serve.alone import Alone
from authserver.serve.drain import Drain
from authserver.serve.prepare import database_and_keys, prepared
from authserver.serve.published import Published
from authserver.serve.signals import Signals
from authserver.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from authserver.monitoring.node import Node

# A slow sender costs one waiting thread, about 100 KiB, and no more than this many at a time.
READERS = 512
CONNECTIONS = 4096
# Between two requests and for the head of one; longer than a reverse proxy should keep an idle connection.
KEEP_ALIVE_MS = 30_000
MAX_HEAD = 65536
# What reading clients.yaml again gives way by: while requests want the whole processor, it has a tenth of it.
NICE = 10
STOPS = frozenset({signal.SIGTERM, signal.SIGINT})
_log = structlog.get_logger("authserver")


def run(settings: Settings, first: FirstReading, migrate: bool = True) -> None:
    """Serve until SIGTERM or SIGINT, with what the `first` reading of clients.yaml gives.

    Without `migrate` the database is not migrated first.

    Raises PrepareError before anything listens.
    """
    found = prepared(settings, first)
    registry = found.registry
    logs.show_clients_version(lambda: registry.current.version)
    database_and_keys(settings, registry, found.master, migrate)
    if registry.current.providers:
        # Here, so that the workers share it.
        import_module("authserver.federation.client")
    node = _monitored(found.monitoring, settings.monitoring_port) if found.monitoring else None
    _allow_open_files()
    # By fork a worker starts with every module imported and clients.yaml read, in memory that all of them share.
    multiprocessing.set_start_method("fork", force=True)
    parent = Parent(settings, found.address, registry, node)
    # What is there now stays, in pages that the workers share as long as nobody writes to them.
    gc.freeze()
    gc.enable()
    parent.serve()


class Parent:
    """The process that keeps the workers running and hears the signals."""

    def __init__(self, settings: Settings, address: str, registry: LiveRegistry, node: "Node | None" = None) -> None:
        self._granian = Granian(
            "authserver",
            address=address,
            port=settings.port,
            interface=Interfaces.WSGI,
            workers=settings.workers,
            blocking_threads=READERS,
            backpressure=CONNECTIONS,
            loop=Loops.asyncio,
            # Proxies speak HTTP/1.1 to their servers, and the time limit for the head holds for HTTP/1 alone.
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=KEEP_ALIVE_MS, max_buffer_size=MAX_HEAD),
            websockets=False,
            # Its lines go through our root logger: only its level is set here.
            log_dictconfig={"version": 1, "incremental": True, "handlers": {}, "loggers": {}},
            respawn_failed_workers=True,
            # It would take some that ended by themselves for running, and report them killed: see _end_workers.
            workers_kill_timeout=None,
        )
        # By then it has set its own handlers, and no worker runs yet.
        self._granian.on_startup(lambda: self._signals.take(*STOPS, signal.SIGHUP))
        self._settings = settings
        self._registry = registry
        self._published = Published(registry)
        self._node = node
        self._alone = Alone()
        self._drain = Drain()
        self._signals = Signals()
        self._hang_up = threading.Event()
        # Taken again by the thread that reads, where it forks a process to do so.
        self._reading = threading.RLock()
        # No worker is forked while clients.yaml is being read: it would inherit locks that nobody releases.
        os.register_at_fork(
            before=self._reading.acquire,
            after_in_parent=self._reading.release,
            after_in_child=self._reading.release,
        )

    def serve(self) -> None:
        """Serve until a signal to stop."""
        for work, name in ((self._obey, "signals"), (self._watch_clients, "clients")):
            threading.Thread(target=work, name=name, daemon=True).start()
        self._granian.serve(target_loader=self._load, wrap_loader=False)

    def _load(self) -> "WSGIApplication":
        """The application, built in a worker."""
        watched = self._node.watched() if self._node else None
        return worker.load(self._settings, self._registry, self._published, self._alone, self._drain, watched)

    def _obey(self) -> None:
        while True:
            heard = self._signals.next()
            if heard in STOPS:
                # Not for SIGINT: that is somebody at a terminal.
                if heard == signal.SIGTERM and self._settings.drain:
                    self._let_balancers_notice()
                self._granian.signal_handler_interrupt()  # type: ignore[no-untyped-call]
                self._end_workers()
            elif heard == signal.SIGHUP:
                self._hang_up.set()

    def _let_balancers_notice(self) -> None:
        """Serve for a while, no longer ready; another signal to stop ends it."""
        _log.info("server:draining", seconds=self._settings.drain, advice="a second signal stops the server at once")
        self._drain.begin()
        deadline = time.monotonic() + self._settings.drain
        while (left := deadline - time.monotonic()) > 0:
            if self._signals.next(left) in STOPS:
                return

    def _end_workers(self) -> None:
        """Kill the workers that have not ended in time: what their requests wait for may never come."""
        deadline = time.monotonic() + self._settings.stop_timeout
        # Known by a pipe that closes with its process. A thread of granian's waits for the exit status, too: while it
        # has that and has not yet noted it down, a worker that ended well passes for a running one.
        running = {process.sentinel: process for process in multiprocessing.active_children()}
        while running and (left := deadline - time.monotonic()) > 0:
            ended = wait(list(running), left)
            running = {sentinel: process for sentinel, process in running.items() if sentinel not in ended}
        for process in running.values():
            _log.warning("worker:killed", worker=process.pid, reason="it did not end within AUTHSERVER_STOP_TIMEOUT")
            process.kill()

    def _watch_clients(self) -> None:
        """Keep the registry that the next worker begins with, and hand it to those that run."""
        _give_way()
        pause = float(self._settings.clients_reload)
        while True:
            hung_up = self._hang_up.wait(pause)
            self._hang_up.clear()
            with self._reading:
                if hung_up:
                    self._registry.reload()
                else:
                    pause = self._registry.look()
                is_news = self._published.publish()
            if is_news:
                for process in multiprocessing.active_children():
                    if process.pid:
                        os.kill(process.pid, signal.SIGHUP)


def _give_way() -> None:
    """Let requests have the processor before this thread, and before the process that it forks to read clients.yaml."""
    # Elsewhere a thread has no priority of its own, and all of the process would get a lower one.
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), os.getpriority(os.PRIO_PROCESS, 0) + NICE)


def _monitored(address: str, port: int) -> "Node":
    # What writes metrics takes an eighth of a second to import.
    from authserver.monitoring.node import Node

    return Node(address, port)


def _allow_open_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + 1024
    if soft < wanted:
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard)
        )
