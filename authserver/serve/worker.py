"""One worker process: the application and the threads that go with it."""

import multiprocessing
import os
import signal
import sys
import threading
import time
from functools import partial
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import OperationalError

from authserver import health
from authserver.accounts.reset_mail import answer_waiting
from authserver.application import create_app
from authserver.cleaner import Cleaner
from authserver.clients.live import LiveRegistry
from authserver.http.afterwards import afterwards
from authserver.mail.sender import Sender
from authserver.maintenance import Maintenance
from authserver.monitoring.worker import Watched
from authserver.serve.gate import Gate
from authserver.serve.nudge import Nudge
from authserver.serve.slow import Readers
from authserver.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_log = structlog.get_logger("authserver")


def load(settings: Settings, registry: LiveRegistry, watched: Watched | None = None) -> "WSGIApplication":
    """The application of this worker. While the database is away it waits; what else fails is logged and ends it.

    `watched` is what answers for this worker meanwhile, where somebody asks.
    """
    # Until granian takes the signals over, those of the parent would be heard here and change nothing.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        while True:
            try:
                return application(settings, registry, watched)
            except OperationalError as error:
                _log.warning("worker:waits_for_database", reason=type(error.orig).__name__)
                time.sleep(1)
    except Exception:
        _log.exception("worker:failed")
        sys.exit(1)


def application(settings: Settings, registry: LiveRegistry, watched: Watched | None = None) -> "WSGIApplication":
    """Build the application after the fork: connections and threads do not survive one."""
    app = create_app(settings, registry=registry)
    registry.watch()
    signal.signal(signal.SIGHUP, lambda _number, _frame: registry.wake())
    maintenance = Maintenance(app.server, {"resets": partial(answer_waiting, app.server)})
    maintenance.start()
    cleaner = Cleaner(app.server)
    cleaner.start()
    sender = Sender(app.server)
    sender.start()
    nudge = Nudge(settings.host, settings.port, settings.workers)
    readers = Readers(settings.port, settings.body_timeout, nudge)
    readers.watch()
    _end_with_the_parent()
    if watched is not None:
        watched.serves(app.server)
    # After the last answer: a forked process does not run atexit.
    Finalize(None, afterwards.close, exitpriority=30)
    Finalize(None, sender.stop, exitpriority=25)
    Finalize(None, maintenance.stop, exitpriority=20)
    Finalize(None, cleaner.stop, exitpriority=20)
    Finalize(None, app.server.recorder.close, exitpriority=10)
    documents = (path for path, endpoint in app.machine.items() if endpoint.document)
    return Gate(app, settings.threads, settings.max_body, readers.read, free={*health.PATHS, *documents})


def _end_with_the_parent() -> None:
    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="parent", daemon=True).start()
