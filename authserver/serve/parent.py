"""The parent process: it keeps the workers running and clients.yaml read.

SIGTERM and SIGINT let running requests finish; SIGHUP reads clients.yaml again in every worker. A worker that dies is
replaced, with the last good clients.yaml, which the parent holds in memory and every worker has from it by the fork.
"""

import gc
import multiprocessing
import os
import resource
import signal
import threading
from functools import partial
from importlib import import_module
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING, Any

from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.server.mp import MPServer, WorkerProcess

from authserver import logs
from authserver.clients.live import LiveRegistry
from authserver.serve import worker
from authserver.serve.alone import Alone
from authserver.serve.prepare import database_and_keys, prepared
from authserver.serve.wake import Wake
from authserver.settings import Settings

if TYPE_CHECKING:
    from authserver.monitoring.node import Node

# A slow sender costs one waiting thread, about 100 KiB, and no more than this many at a time.
READERS = 512
CONNECTIONS = 4096
# Between two requests and for the head of one; longer than a reverse proxy should keep an idle connection.
KEEP_ALIVE_MS = 30_000
MAX_HEAD = 65536


def run(settings: Settings, migrate: bool = True) -> None:
    """Serve until SIGTERM or SIGINT; without `migrate` the database is not migrated first.

    Raises PrepareError before anything listens.
    """
    found = prepared(settings)
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
    threading.Thread(target=parent.watch_clients, name="clients", daemon=True).start()
    # What is there now stays, in pages that the workers share as long as nobody writes to them.
    gc.freeze()
    gc.enable()
    parent.serve(target_loader=parent.load, wrap_loader=False)


class Parent(MPServer):
    """granian's parent process, for which SIGHUP means: read clients.yaml again."""

    def __init__(self, settings: Settings, address: str, registry: LiveRegistry, node: "Node | None" = None) -> None:
        super().__init__(
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
            workers_kill_timeout=settings.stop_timeout,
        )
        # Its handlers of SIGTERM and SIGINT set this while the main thread waits for it.
        self.main_loop_interrupt = Wake()  # type: ignore[assignment]  # in all that granian asks of it, an Event
        self._settings = settings
        self._registry = registry
        self._node = node
        self._alone = Alone()
        self._hang_up = threading.Event()
        self._reading = threading.Lock()
        # No worker is forked while clients.yaml is being read: it would inherit locks that nobody releases.
        os.register_at_fork(
            before=self._reading.acquire,
            after_in_parent=self._reading.release,
            after_in_child=self._reading.release,
        )

    def load(self) -> Any:
        """The application, built in a worker."""
        watched = self._node.watched() if self._node else None
        return worker.load(self._settings, self._registry, self._alone, watched)

    def _spawn_worker(self, *args: Any, **kwargs: Any) -> WorkerProcess:
        made: WorkerProcess = super()._spawn_worker(*args, **kwargs)
        made.is_alive = partial(_is_alive, made.inner)  # type: ignore[method-assign]
        return made

    def signal_handler_reload(self, *_args: Any, **_kwargs: Any) -> None:
        """SIGHUP: granian would replace the workers; here they only read clients.yaml again."""
        self._hang_up.set()

    def watch_clients(self) -> None:
        """Keep the registry that the next worker begins with; pass every SIGHUP on."""
        pause = float(self._settings.clients_reload)
        while True:
            hung_up = self._hang_up.wait(pause)
            self._hang_up.clear()
            with self._reading:
                if hung_up:
                    self._registry.reload()
                else:
                    pause = self._registry.look()
            if hung_up:
                for process in multiprocessing.active_children():
                    if process.pid:
                        os.kill(process.pid, signal.SIGHUP)


def _monitored(address: str, port: int) -> "Node":
    # What writes metrics takes an eighth of a second to import.
    from authserver.monitoring.node import Node

    return Node(address, port)


def _is_alive(process: BaseProcess) -> bool:
    """Whether a worker still runs, by its end of a pipe that closes with it.

    multiprocessing asks for the exit status instead. A thread of granian's waits for that too, and while it has it and
    has not yet noted it down, a worker that ended well passes for one that refuses to stop, and is reported killed.
    """
    return not wait([process.sentinel], timeout=0)


def _allow_open_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + 1024
    if soft < wanted:
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard)
        )
