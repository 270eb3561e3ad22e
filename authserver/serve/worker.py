"""One worker process: the application and the threads that go with it."""

import multiprocessing
import os
import signal
import sys
import threading
import time
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING

import structlog

from authserver import health
from authserver.application import create_app
from authserver.cleaner import Cleaner
from authserver.clients.live import LiveRegistry
from authserver.maintenance import Runner, Task, clock, keys, notices, readers, registered
from authserver.outbox.sender import Sender
from authserver.serve import slices, supervisor
from authserver.serve.alone import Alone
from authserver.serve.drain import Drain
from authserver.serve.gate import Gate
from authserver.serve.history import history
from authserver.serve.published import Published
from authserver.serve.slow import Readers
from authserver.settings import Settings
from authserver.store import OperationalError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from authserver.monitoring.worker import Watched

# How often it is looked what is due in the outbox, and how long, in seconds, a delivery has when the server stops.
LOOK_INTERVAL = 1.0
STOP_TIMEOUT = 5.0
_log = structlog.get_logger("authserver")


def load(
    settings: Settings,
    registry: LiveRegistry,
    published: Published,
    alone: Alone,
    drain: Drain,
    watched: "Watched | None" = None,
) -> "WSGIApplication":
    """The application of this worker. While the database is away it waits; what else fails is logged and ends it.

    `watched` is what answers for this worker meanwhile, where somebody asks.
    """
    # Until granian takes the signals over, those of the parent would be heard here and change nothing.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # Ctrl-C at a terminal goes to the workers, too, and one that hears it and then its parent may never end.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    if settings.time_slice:
        # Before there are other threads: each has what the one has that starts it.
        slices.ask_for(settings.time_slice)
    try:
        while True:
            try:
                app = application(settings, registry, published, alone, drain, watched)
            except OperationalError as error:
                _log.warning("worker:waits_for_database", reason=type(error.orig).__name__)
                time.sleep(1)
            else:
                supervisor.tell_ready()
                return app
    except Exception:
        _log.exception("worker:failed")
        sys.exit(1)


def application(
    settings: Settings,
    registry: LiveRegistry,
    published: Published,
    alone: Alone,
    drain: Drain,
    watched: "Watched | None" = None,
) -> "WSGIApplication":
    """Build the application after the fork: connections and threads do not survive one."""
    app = create_app(settings, registry=registry)
    published.follow(settings.clients_reload)
    signal.signal(signal.SIGHUP, lambda _number, _frame: published.wake())
    server = app.server
    server.is_draining = drain.has_begun
    sender = Sender(server.database, server.master, server.now, app.kinds, alone.take)
    runner = Runner(
        [
            clock(server),
            keys(server),
            notices(server),
            registered(server),
            readers(server),
            history(server.database, server.master, server.now, registry),
            Cleaner(server).task,
            Task("outbox", sender.turn, LOOK_INTERVAL),
        ],
        server.recorder,
    )
    runner.start()
    bodies = Readers(settings.port, settings.body_timeout)
    bodies.watch()
    _end_with_the_parent()
    # After the last answer: a forked process does not run atexit.
    Finalize(None, runner.stop, exitpriority=25)
    Finalize(None, sender.settle, (STOP_TIMEOUT,), exitpriority=20)
    Finalize(None, server.recorder.close, exitpriority=10)
    documents = (path for path, endpoint in app.machine.items() if endpoint.document)
    gate = Gate(
        app,
        settings.threads,
        settings.max_body,
        bodies.read,
        is_machine=app.is_machine,
        most=app.most_of_body,
        free={*health.PATHS, *documents},
        observe=watched.requests(app, registry) if watched is not None else None,
        tells_time=settings.server_timing,
    )
    if watched is not None:
        watched.serves(app, registry, gate.queues)
    if settings.otel_endpoint is None:
        return gate
    # Here, so that nothing of it is loaded where there are no traces.
    from authserver.monitoring.traces import begun

    traces = begun(app, registry, settings.otel_endpoint)
    Finalize(None, traces.close, exitpriority=5)
    return traces.around(gate)


def _end_with_the_parent() -> None:
    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="parent", daemon=True).start()
